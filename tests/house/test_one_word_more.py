"""A word that is added to an enum of the model alone is refused wherever something must answer to it.

Each test works on a copy of the checkout with one word more in some enums, in which the checks of ``make check`` are
run. They take half a minute, so they are among those and not among the unit tests.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from enum import EnumType
from pathlib import Path

import pytest

from baton.model import outcomes
from cli.checkout import ROOT

COPIED = ("layers", "cli", "local", "bench", "definitions", "statemachines", "supabase", "docs", "tests/unit")
ONE_MORE = "ONE_MORE"
# What must say what becomes of another action of a checkpoint, beside the documents and the SQL below.
ANSWERING = {
    "layers/baton/baton/compiler/review.py",  # where the state machine goes on
    "layers/baton/baton/model/checkpoints.py",  # whether it takes modifications: asked by API, YAML, CLI and demo
    "layers/baton/baton/usecases/checkpoints.py",  # what an expired checkpoint's Task is told
}
DESCRIBING = {"orchestration.checkpoint.requested.json", "orchestration.checkpoint.resolved.json"}  # in docs/events
# As `cli.authoring.generated --check` asks. That compiles the definitions first, which is refused, too.
OUT_OF_STEP = """
import pathlib, cli.authoring.event_schemas
raise SystemExit(" ".join(cli.authoring.event_schemas.write_all(pathlib.Path("docs/events"), check=True)))
"""


class Checkout:
    """A copy in which every named enum of a module has one word more."""

    def __init__(self, folder: Path, module: str, enums: Iterable[str]) -> None:
        self.folder = folder
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "template.yaml"):
            shutil.copy2(ROOT / name, folder / name)
        if (ROOT / ".mypy_cache").exists():  # of the check before: most of the copy is as it was then
            shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
        file = folder / "layers/baton/baton/model" / f"{module}.py"
        text = file.read_text(encoding="utf-8")
        for enum in enums:
            head = rf"(class {enum}\(StrEnum\):\n(    \"\"\".*?\"\"\"\n\n)?)"
            text, found = re.subn(head, rf"\1    {ONE_MORE} = 'x'\n", text)
            assert found == 1, enum
        file.write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> str:
        """The output of Python with these arguments, which must find something wrong."""
        ran = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={"PYTHONPATH": f"{self.folder}:{self.folder / 'layers/baton'}", "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 1, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def one_action_more(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout"), "checkpoints", ["Decision"])


def test_an_action_that_the_enum_alone_has_is_no_type_that_passes(one_action_more: Checkout) -> None:
    refused = [line for line in one_action_more.run("-m", "mypy").splitlines() if ": error: " in line]
    assert {line.partition(":")[0] for line in refused} == ANSWERING
    assert all("assert_never" in line and f"Decision.{ONE_MORE}" in line for line in refused)


def test_an_action_that_the_enum_alone_has_is_missing_in_the_schemas_of_events(one_action_more: Checkout) -> None:
    told = one_action_more.run("-c", OUT_OF_STEP)
    assert set(told.split()) == DESCRIBING


def test_an_action_that_the_enum_alone_has_is_taken_by_no_function_of_the_record(one_action_more: Checkout) -> None:
    told = one_action_more.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/test_words.py")
    assert "test_words.py::test_every_decision_is_taken_by_a_person_or_by_the_clock" in told


def test_every_outcome_that_an_enum_alone_has_is_no_type_that_passes(tmp_path: Path) -> None:
    enums = [name for name, enum in vars(outcomes).items() if isinstance(enum, EnumType) and len(enum)]
    told = Checkout(tmp_path, "outcomes", enums).run("-m", "mypy")
    unnoticed = {name for name in enums if not re.search(rf"assert_never.*\b{name}\.{ONE_MORE}\b", told)}
    assert len(enums) > 10
    assert unnoticed == set()
