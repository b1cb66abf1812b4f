"""Generated files: state machines, the seed migration, and the schemas of events."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.authoring import event_schemas, generated
from cli.authoring.definitions import compile_all, validate_file
from cli.authoring.seed_migration import MigrationChanged, VersionTaken, write_migration

ROOT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "definitions", tmp_path / "definitions"))


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def kpi_tracking(definitions: Path) -> Path:
    return definitions / "orchestrations" / "kpi-tracking.yaml"


# --- validate -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "definitions").rglob("*.yaml")), ids=lambda path: path.name)
def test_the_bundled_files_are_valid(path: Path) -> None:
    assert validate_file(path).problems == ()


def test_validating_reports_a_refusal_of_the_compiler_with_its_place(definitions: Path) -> None:
    steps = "".join(
        f"    - {{id: s{number}, agent: summarizer, for_each: '{{{{ kpi_names }}}}', as: kpi}}\n" for number in range(4)
    )
    change(kpi_tracking(definitions), "  steps:\n", "  steps:\n" + steps)
    [problem] = validate_file(kpi_tracking(definitions)).problems
    assert "Step Functions ends it at 25,000" in problem.message
    assert problem.path == ("orchestration", "steps", 0)


def test_a_file_that_is_not_text_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe")
    (problem,) = validate_file(tmp_path / "x.yaml").problems
    assert problem.message == "the file is not UTF-8 text"


# --- state machines -------------------------------------------------------------------------------------------------


def test_the_checked_in_machines_are_those_of_the_definitions() -> None:
    assert compile_all(ROOT / "definitions", ROOT / "statemachines", check=True) == []


def test_compiling_writes_missing_machines_and_removes_those_without_a_definition(
    definitions: Path, tmp_path: Path
) -> None:
    machines = tmp_path / "statemachines"
    machines.mkdir()
    (machines / "gone.asl.json").write_text("{}", encoding="utf-8")
    bundled = ["finance-quarterly-review.asl.json", "kpi-tracking.asl.json", "launch.asl.json"]
    assert compile_all(definitions, machines, check=True) == [*bundled, "gone.asl.json"]
    assert [path.name for path in machines.iterdir()] == ["gone.asl.json"], "checking writes nothing"
    compile_all(definitions, machines, check=False)
    assert sorted(path.name for path in machines.iterdir()) == bundled
    assert compile_all(definitions, machines, check=True) == []


# --- the seed migration ---------------------------------------------------------------------------------------------


def test_the_checked_in_migrations_have_all_definitions() -> None:
    assert write_migration(ROOT / "definitions", ROOT / "supabase" / "migrations", check=True, now=NOON) is None


def test_new_definitions_go_into_one_migration(definitions: Path, migrations: Path) -> None:
    assert write_migration(definitions, migrations, check=False, now=NOON) == "20261201120000_definitions.sql"
    assert write_migration(definitions, migrations, check=False, now=NOON) is None


def test_checking_names_the_missing_migration_and_writes_nothing(definitions: Path, migrations: Path) -> None:
    assert write_migration(definitions, migrations, check=True, now=NOON) == "20261201120000_definitions.sql"
    assert list(migrations.iterdir()) == []


def test_a_new_migration_sorts_last_even_if_the_clock_is_behind(definitions: Path, migrations: Path) -> None:
    (migrations / "20270101000059_later.sql").write_text("select 1;", encoding="utf-8")
    assert write_migration(definitions, migrations, check=False, now=NOON) == "20270101000100_definitions.sql"


def test_a_new_version_is_a_new_migration_of_this_version_alone(definitions: Path, migrations: Path) -> None:
    write_migration(definitions, migrations, check=False, now=NOON)
    change(kpi_tracking(definitions), "version: 1.0.0", "version: 1.1.0")
    name = write_migration(definitions, migrations, check=False, now=NOON)
    assert name == "20261201120001_definitions.sql"
    sql = (migrations / name).read_text(encoding="utf-8")
    assert "-- definition kpi-tracking 1.1.0 sha256:" in sql
    assert "insert into public.agents" not in sql


def test_other_content_under_an_existing_version_is_refused(definitions: Path, migrations: Path) -> None:
    write_migration(definitions, migrations, check=False, now=NOON)
    change(kpi_tracking(definitions), "retry_count: 2", "retry_count: 3")
    for check in (True, False):
        with pytest.raises(VersionTaken, match=r"kpi-tracking.yaml:5:12: .* raise `metadata.version`"):
            write_migration(definitions, migrations, check=check, now=NOON)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'finance-manager'", "'finance-manger'"),
        ('"timeoutSeconds": 120', '"timeoutSeconds": 12'),
        ("# The values of the last fetch", "# What was fetched last"),
        ("-- seal sha256:", "-- "),
        ("do nothing;\n", "do nothing;\nselect 1;\n"),
    ],
    ids=["an agent", "a plan", "a comment in the source", "no seal", "one statement more"],
)
def test_a_migration_that_was_changed_by_hand_is_refused(
    definitions: Path, migrations: Path, old: str, new: str
) -> None:
    name = write_migration(definitions, migrations, check=False, now=NOON)
    assert name is not None
    change(migrations / name, old, new)
    for check in (True, False):
        with pytest.raises(MigrationChanged, match=f"{name} is not what `make generate` wrote"):
            write_migration(definitions, migrations, check=check, now=NOON)


def test_a_changed_comment_in_the_yaml_needs_no_migration(definitions: Path, migrations: Path) -> None:
    write_migration(definitions, migrations, check=False, now=NOON)
    change(kpi_tracking(definitions), "# The values of the last fetch", "# What was fetched last")
    assert write_migration(definitions, migrations, check=True, now=NOON) is None


def test_each_change_of_an_agent_is_a_new_migration(definitions: Path, migrations: Path) -> None:
    write_migration(definitions, migrations, check=False, now=NOON)
    summarizer = definitions / "agents" / "summarizer.yaml"
    for old, new in [
        ("displayName: Summarizer", "displayName: Writer's"),
        ("displayName: Writer's", "displayName: Summarizer"),
    ]:
        change(summarizer, old, new)
        name = write_migration(definitions, migrations, check=False, now=NOON)
        assert name is not None
        sql = (migrations / name).read_text(encoding="utf-8")
        assert "on conflict (organization_id, slug) do update" in sql
        assert "orchestration_definitions" not in sql
    assert len(list(migrations.iterdir())) == 3


def test_text_that_looks_like_sql_stays_text(definitions: Path, migrations: Path) -> None:
    change(kpi_tracking(definitions), "displayName: KPI tracking", "displayName: It's $yaml$; $json$")
    name = write_migration(definitions, migrations, check=False, now=NOON)
    assert name is not None
    sql = (migrations / name).read_text(encoding="utf-8")
    assert "'It''s $yaml$; $json$'" in sql
    assert "$yaml_$" in sql
    assert "$json_$" in sql


# --- make generate --------------------------------------------------------------------------------------------------


@pytest.fixture
def checkout(definitions: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a checkout whose generated files are up to date."""
    folder = definitions.parent
    migrations.rmdir()
    (folder / "supabase" / "migrations").mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert generated.main([]) == 0
    return folder


def contents(folder: Path) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("retry_count: 2", "retry_count: 3", "raise `metadata.version`"),
        ("type: agent", "type: agnet", "did you mean `agent`?"),
    ],
    ids=["other content under the same version", "not valid"],
)
def test_a_refused_generation_writes_nothing(
    checkout: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, complaint: str
) -> None:
    path = kpi_tracking(checkout / "definitions")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    before = contents(checkout)

    assert generated.main([]) == 1

    assert contents(checkout) == before
    assert complaint in capsys.readouterr().err


def test_a_raised_version_gets_a_machine_and_a_migration(checkout: Path) -> None:
    change(kpi_tracking(checkout / "definitions"), "retry_count: 2", "retry_count: 3")
    change(kpi_tracking(checkout / "definitions"), "version: 1.0.0", "version: 1.1.0")
    assert generated.main(["--check"]) == 1

    assert generated.main([]) == 0

    assert len(list((checkout / "supabase" / "migrations").iterdir())) == 2
    assert generated.main(["--check"]) == 0


# --- the schemas of events ------------------------------------------------------------------------------------------


def test_the_checked_in_event_schemas_are_those_of_the_models_and_the_manual_has_every_type() -> None:
    folder = ROOT / "docs" / "events"
    assert event_schemas.write_all(folder, check=True) == []
    manual = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.stem for path in folder.glob("*.json") if f"| `{path.stem}` |" not in manual] == []


def test_a_schema_without_a_model_is_removed(tmp_path: Path) -> None:
    event_schemas.write_all(tmp_path, check=False)
    (tmp_path / "orchestration.gone.json").write_text("{}", encoding="utf-8")
    (tmp_path / "orchestration.run.failed.json").write_text("{}", encoding="utf-8")
    out_of_step = ["orchestration.run.failed.json", "orchestration.gone.json"]
    assert event_schemas.write_all(tmp_path, check=True) == out_of_step
    assert event_schemas.write_all(tmp_path, check=False) == out_of_step
    assert event_schemas.write_all(tmp_path, check=True) == []
