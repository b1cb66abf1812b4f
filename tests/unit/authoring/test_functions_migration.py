"""``supabase/schemas`` → a migration: what is new, changed or gone, and the newest one written anew."""

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
    """A folder of functions and one of migrations."""

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

    def written(self) -> dict[str, str]:
        return {path.name: self.text(path.name) for path in sorted(self.migrations.iterdir())}

    def is_in_step(self) -> bool:
        """Nothing is missing, and the migrations leave what the files say."""
        return self.generate(check=True) is None and migrated(list(self.written().values())) == read_functions(
            self.schemas
        )


@pytest.fixture
def folder(tmp_path: Path) -> SchemasFixture:
    """Two functions, ``one`` with a grant, and no migration yet."""
    folder = SchemasFixture(tmp_path)
    folder.put("one", grant="baton_api")
    folder.put("two")
    return folder


@pytest.fixture
def migrated_folder(folder: SchemasFixture) -> SchemasFixture:
    """The same after its first migration."""
    assert folder.generate() == FIRST
    return folder


def test_the_migrations_that_are_checked_in_have_all_of_the_files() -> None:
    supabase = ROOT / "supabase"
    for amend in (False, True):
        missing = functions_migration.write_migration(
            supabase / "schemas", supabase / "migrations", True, NOON, amend=amend
        )
        assert missing is None


def test_new_functions_are_created_granted_and_handed_to_their_owner(folder: SchemasFixture) -> None:
    assert folder.generate() == FIRST
    text = folder.text(FIRST)
    assert read_functions(folder.schemas)["one"] in text
    assert "grant execute on function baton.one to baton_api;" in text
    assert "    'one', 'two'\n  ] loop\n    execute format('alter function" in text
    assert "revoke" not in text, "nobody has a grant of a function that is new"
    assert folder.is_in_step()


def test_checking_says_what_is_missing_and_writes_nothing(folder: SchemasFixture) -> None:
    assert folder.generate(check=True) == FIRST
    assert folder.written() == {}


def test_a_changed_function_is_a_new_migration_of_it_alone(migrated_folder: SchemasFixture) -> None:
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


def test_a_function_that_was_dropped_comes_back_as_a_new_one(migrated_folder: SchemasFixture) -> None:
    migrated_folder.remove("one")
    migrated_folder.generate()
    migrated_folder.put("one", grant="baton_api")
    third = migrated_folder.generate()
    assert third is not None
    assert "revoke" not in migrated_folder.text(third)
    assert migrated_folder.is_in_step()


def test_amending_writes_the_newest_anew_and_leaves_the_others(migrated_folder: SchemasFixture) -> None:
    first = migrated_folder.text(FIRST)
    migrated_folder.put("two", "return 2;")
    migrated_folder.generate()
    migrated_folder.put("two", "return 3;")
    migrated_folder.put("three")
    assert migrated_folder.generate(amend=True) == SECOND
    assert migrated_folder.written().keys() == {FIRST, SECOND}
    assert migrated_folder.text(FIRST) == first
    assert "return 2;" not in migrated_folder.text(SECOND)
    assert migrated_folder.is_in_step()
    assert migrated_folder.generate(amend=True) is None


def test_amending_drops_nothing_that_only_the_newest_made(migrated_folder: SchemasFixture) -> None:
    migrated_folder.put("three")
    migrated_folder.put("four")
    migrated_folder.generate()
    migrated_folder.remove("three")
    assert migrated_folder.generate(amend=True) == SECOND
    assert "three" not in migrated_folder.text(SECOND)
    assert migrated_folder.is_in_step()


def test_amending_removes_the_newest_when_everything_was_taken_back(migrated_folder: SchemasFixture) -> None:
    before = migrated_folder.written()
    migrated_folder.put("two", "return 2;")
    migrated_folder.generate()
    migrated_folder.put("two")
    assert migrated_folder.generate(amend=True, check=True) == SECOND
    assert migrated_folder.written().keys() == {FIRST, SECOND}, "checking removes nothing"
    assert migrated_folder.generate(amend=True) == SECOND
    assert migrated_folder.written() == before
    assert migrated_folder.is_in_step()
    assert migrated_folder.generate(amend=True) is None


def test_amending_without_a_migration_adds_the_first(folder: SchemasFixture) -> None:
    assert folder.generate(amend=True) == FIRST
    assert folder.is_in_step()


def test_what_was_removed_is_reported_as_removed(
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
def test_a_file_that_is_not_the_one_function_of_its_name_is_refused(
    folder: SchemasFixture, texts: tuple[str, ...], creates: str
) -> None:
    functions = read_functions(folder.schemas)
    (folder.schemas / "one.sql").write_text("".join(functions[name] for name in texts), encoding="utf-8")
    with pytest.raises(SchemaFileInvalid, match=rf"one\.sql must create the one function baton\.one; {creates}"):
        folder.generate()
    assert folder.written() == {}
