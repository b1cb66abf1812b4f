"""``supabase/schemas`` → a migration of new, changed and removed functions; and how to amend the newest one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.authoring import functions_migration, generated
from cli.authoring.functions_migration import SchemaFileInvalid, migrated, read_functions
from cli.checkout import ROOT

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
FIRST = "20261201120000_functions.sql"
SECOND = "20261201120001_functions.sql"


class SchemasFixture:
    """A folder of schema files, and a folder of migrations."""

    def __init__(self, folder: Path) -> None:
        self.schemas, self.migrations = folder / "schemas", folder / "migrations"
        self.schemas.mkdir()
        self.migrations.mkdir()

    def put(self, name: str, body: str = "return 1;", grant: str = "") -> None:
        text = (
            f"-- About {name}.\ncreate or replace function baton.{name}(p_x int) returns int language plpgsql as $$\n"
            f"begin\n  {body}\nend $$;\n"
        )
        if grant:
            text += f"grant execute on function baton.{name} to {grant};\n"
        (self.schemas / f"{name}.sql").write_text(text, encoding="utf-8")

    def remove(self, name: str) -> None:
        (self.schemas / f"{name}.sql").unlink()

    def generate(self, *, amend: bool = False, check: bool = False) -> str | None:
        return functions_migration.write_migration(self.schemas, self.migrations, check, NOON, amend=amend)

    def text(self, name: str) -> str:
        return (self.migrations / name).read_text(encoding="utf-8")

    def migration_texts(self) -> dict[str, str]:
        return {path.name: self.text(path.name) for path in sorted(self.migrations.iterdir())}

    def is_in_step(self) -> bool:
        """No migration is missing, and the migrations result in the functions of the files."""
        texts = list(self.migration_texts().values())
        return self.generate(check=True) is None and migrated(texts) == read_functions(self.schemas)


@pytest.fixture
def folder(tmp_path: Path) -> SchemasFixture:
    """Two functions, ``one`` with a grant, and no migration yet."""
    folder = SchemasFixture(tmp_path)
    folder.put("one", grant="baton_api")
    folder.put("two")
    return folder


@pytest.fixture
def migrated_folder(folder: SchemasFixture) -> SchemasFixture:
    """The same folder after its first migration."""
    assert folder.generate() == FIRST
    return folder


def test_the_checked_in_migrations_have_all_functions() -> None:
    supabase = ROOT / "supabase"
    for amend in (False, True):
        missing = functions_migration.write_migration(
            supabase / "schemas", supabase / "migrations", True, NOON, amend=amend
        )
        assert missing is None


def test_new_functions_are_created_and_get_their_grants_and_owner(folder: SchemasFixture) -> None:
    assert folder.generate() == FIRST
    text = folder.text(FIRST)
    assert read_functions(folder.schemas)["one"] in text
    assert "grant execute on function baton.one to baton_api;" in text
    assert "    'one', 'two'\n  ] loop\n    execute format('alter function" in text
    assert "revoke" not in text, "a new function has no grants"
    assert folder.is_in_step()


def test_checking_names_the_missing_migration_and_writes_nothing(folder: SchemasFixture) -> None:
    assert folder.generate(check=True) == FIRST
    assert folder.migration_texts() == {}


def test_a_new_migration_has_only_the_changed_function(migrated_folder: SchemasFixture) -> None:
    migrated_folder.put("two", "return 2;")
    assert migrated_folder.generate() == SECOND
    assert migrated([migrated_folder.text(SECOND)]) == {"two": read_functions(migrated_folder.schemas)["two"]}
    assert migrated_folder.is_in_step()


def test_a_changed_function_loses_its_grants_before_its_file_gives_them_again(
    migrated_folder: SchemasFixture,
) -> None:
    migrated_folder.put("one", "return 2;", grant="baton_api")
    migrated_folder.put("three", grant="baton_api")
    migrated_folder.generate()
    text = migrated_folder.text(SECOND)
    assert "p.proname in (\n      'one'\n    )" in text, "the one that an earlier migration made"
    assert text.index("'revoke execute on function") < text.index("grant execute on function baton.one to baton_api;")


def test_a_grant_that_was_removed_is_revoked(migrated_folder: SchemasFixture) -> None:
    migrated_folder.put("one")
    assert migrated_folder.generate() == SECOND
    text = migrated_folder.text(SECOND)
    assert "p.proname in (\n      'one'\n    )" in text
    assert "grant execute" not in text
    assert migrated_folder.is_in_step()


def test_a_function_without_a_file_is_dropped(migrated_folder: SchemasFixture) -> None:
    migrated_folder.remove("one")
    assert migrated_folder.generate() == SECOND
    assert migrated_folder.text(SECOND).endswith("\n-- dropped one\ndrop function baton.one;\n")
    assert migrated_folder.is_in_step()


def test_a_dropped_function_that_returns_is_a_new_one(migrated_folder: SchemasFixture) -> None:
    migrated_folder.remove("one")
    migrated_folder.generate()
    migrated_folder.put("one", grant="baton_api")
    third = migrated_folder.generate()
    assert third is not None
    assert "revoke" not in migrated_folder.text(third)
    assert migrated_folder.is_in_step()


def test_amending_replaces_the_newest_migration_and_keeps_the_others(migrated_folder: SchemasFixture) -> None:
    first = migrated_folder.text(FIRST)
    migrated_folder.put("two", "return 2;")
    migrated_folder.generate()
    migrated_folder.put("two", "return 3;")
    migrated_folder.put("three")
    assert migrated_folder.generate(amend=True) == SECOND
    assert migrated_folder.migration_texts().keys() == {FIRST, SECOND}
    assert migrated_folder.text(FIRST) == first
    assert "return 2;" not in migrated_folder.text(SECOND)
    assert migrated_folder.is_in_step()
    assert migrated_folder.generate(amend=True) is None


def test_amending_drops_no_function_that_only_the_newest_migration_made(migrated_folder: SchemasFixture) -> None:
    migrated_folder.put("three")
    migrated_folder.put("four")
    migrated_folder.generate()
    migrated_folder.remove("three")
    assert migrated_folder.generate(amend=True) == SECOND
    assert "three" not in migrated_folder.text(SECOND)
    assert migrated_folder.is_in_step()


def test_amending_removes_the_newest_migration_if_it_is_empty(migrated_folder: SchemasFixture) -> None:
    before = migrated_folder.migration_texts()
    migrated_folder.put("two", "return 2;")
    migrated_folder.generate()
    migrated_folder.put("two")
    assert migrated_folder.generate(amend=True, check=True) == SECOND
    assert migrated_folder.migration_texts().keys() == {FIRST, SECOND}, "checking removes nothing"
    assert migrated_folder.generate(amend=True) == SECOND
    assert migrated_folder.migration_texts() == before
    assert migrated_folder.is_in_step()
    assert migrated_folder.generate(amend=True) is None


def test_amending_without_a_migration_adds_the_first(folder: SchemasFixture) -> None:
    assert folder.generate(amend=True) == FIRST
    assert folder.is_in_step()


def test_a_removed_migration_is_reported_as_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("definitions", "supabase"):
        (tmp_path / folder).mkdir()
    folder = SchemasFixture(tmp_path / "supabase")
    folder.put("one")
    assert generated.main([]) == 0
    folder.remove("one")
    capsys.readouterr()
    assert generated.main(["--amend"]) == 0
    assert capsys.readouterr().out.startswith("removed supabase/migrations/")
    assert generated.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("texts", "creates"),
    [
        (("one", "two"), "it creates one, two"),
        (("two",), "it creates two"),
        ((), "it creates nothing"),
    ],
    ids=["two functions", "another name", "none"],
)
def test_a_file_must_create_one_function_with_the_name_of_the_file(
    folder: SchemasFixture, texts: tuple[str, ...], creates: str
) -> None:
    functions = read_functions(folder.schemas)
    (folder.schemas / "one.sql").write_text("".join(functions[name] for name in texts), encoding="utf-8")
    with pytest.raises(SchemaFileInvalid, match=rf"one\.sql must create the one function baton\.one; {creates}"):
        folder.generate()
    assert folder.migration_texts() == {}
