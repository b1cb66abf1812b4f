"""If only an enum of the model has a new word, the checks refuse every place that must answer to the word.

Each test copies the checkout, adds a word to some enums, and runs checks of ``make check`` in the copy. That takes half
a minute, so these tests belong to ``make check`` and not to the unit tests.
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
# The modules that must answer to a new action of a checkpoint; documents and SQL are below.
ANSWERING = {
    "layers/baton/baton/compiler/review.py",  # the next state
    "layers/baton/baton/model/checkpoints.py",  # whether it takes modifications, for API, YAML, CLI and demo
    "layers/baton/baton/usecases/checkpoints.py",  # the answer to the Task of an expired checkpoint
}
DESCRIBING = {"orchestration.checkpoint.requested.json", "orchestration.checkpoint.resolved.json"}  # in docs/events
# The part of `cli.authoring.generated --check` after the compilation of definitions, which fails, too.
OUT_OF_STEP = """
import pathlib, cli.authoring.event_schemas
raise SystemExit(" ".join(cli.authoring.event_schemas.write_all(pathlib.Path("docs/events"), check=True)))
"""


class Checkout:
    """A copy in which the named enums of a module have one word more."""

    def __init__(self, folder: Path, module: str, enums: Iterable[str]) -> None:
        self.folder = folder
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "template.yaml"):
            shutil.copy2(ROOT / name, folder / name)
        if (ROOT / ".mypy_cache").exists():  # of an earlier check: it saves most of the time
            shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
        file = folder / "layers/baton/baton/model" / f"{module}.py"
        text = file.read_text(encoding="utf-8")
        for enum in enums:
            head = rf"(class {enum}\(StrEnum\):\n(    \"\"\".*?\"\"\"\n\n)?)"
            text, count = re.subn(head, rf"\1    {ONE_MORE} = 'x'\n", text)
            assert count == 1, enum
        file.write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> str:
        """The output of Python with these arguments, which must fail."""
        process = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={"PYTHONPATH": f"{self.folder}:{self.folder / 'layers/baton'}", "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 1, process.stdout + process.stderr
        return process.stdout + process.stderr


@pytest.fixture(scope="module")
def one_action_more(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout"), "checkpoints", ["Decision"])


def test_mypy_refuses_an_action_that_only_the_enum_has(one_action_more: Checkout) -> None:
    refused = [line for line in one_action_more.run("-m", "mypy").splitlines() if ": error: " in line]
    assert {line.partition(":")[0] for line in refused} == ANSWERING
    assert all("assert_never" in line and f"Decision.{ONE_MORE}" in line for line in refused)


def test_the_schemas_of_events_lack_an_action_that_only_the_enum_has(one_action_more: Checkout) -> None:
    output = one_action_more.run("-c", OUT_OF_STEP)
    assert set(output.split()) == DESCRIBING


def test_no_function_of_the_record_takes_an_action_that_only_the_enum_has(one_action_more: Checkout) -> None:
    output = one_action_more.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/test_words.py")
    assert "test_words.py::test_every_decision_is_taken_by_a_person_or_by_the_clock" in output


def test_mypy_refuses_every_outcome_that_only_an_enum_has(tmp_path: Path) -> None:
    enums = [name for name, enum in vars(outcomes).items() if isinstance(enum, EnumType) and len(enum)]
    output = Checkout(tmp_path, "outcomes", enums).run("-m", "mypy")
    unnoticed = {name for name in enums if not re.search(rf"assert_never.*\b{name}\.{ONE_MORE}\b", output)}
    assert len(enums) > 10
    assert unnoticed == set()
