"""If only an enum of the model has a new word, the checks refuse every place that must answer to the word.

The tests copy the checkout, add a word to enums, and run checks of ``make check`` in the copy. That takes a minute, so
these tests belong to ``make check`` and not to the unit tests.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from enum import EnumType
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from baton import model
from cli.checkout import ROOT

COPIED = ("layers", "functions", "cli", "local", "bench", "definitions", "statemachines", "supabase", "docs", "tests")
ONE_MORE = "ONE_MORE"
FUNCTIONS = ("checkpoint", "step")  # the functions whose actions are an enum
# The modules that must answer to a new action of a checkpoint; documents and SQL are below.
ANSWERING = {
    "cli/authoring/mermaid.py",  # the arrow in the drawing
    "layers/baton/baton/compiler/review.py",  # the next state
    "layers/baton/baton/model/checkpoints.py",  # whether it takes modifications, for API, YAML, CLI and demo
    "layers/baton/baton/usecases/checkpoints.py",  # the answer to the Task of an expired checkpoint
}
# The enums without a case in Python, and the test that refuses a word that only the enum has.
RECORD = "tests/integration/record/test_words.py"  # compares the enum with its domain or CHECK
UNIT = "tests/unit/test_words.py"
EVENTS = "docs/events"  # `generated --check` compares the schemas with the models
CASELESS: Mapping[str, str] = {
    "AttemptStatus": RECORD,  # the API shows the word with an attempt
    "CloseReason": RECORD,  # the API shows the word with a closed approval
    "DisabledReason": RECORD,  # the API shows the word with a webhook
    "EventType": RECORD,  # each type has a model in cli/authoring/events
    "FinishOutcome": UNIT,  # the caller reads other fields of the answer
    "MemberKind": RECORD,  # only the record writes and reads kinds
    "Mode": RECORD,  # the agent gets it unchanged
    "QueueReason": EVENTS,  # only an event has it
    "Role": RECORD,  # code checks for one role; a role that no code checks permits nothing
    "RunUpdate": EVENTS,  # only an event has it
    "TaskMode": UNIT,  # each mode has a request body, and the bodies have a match
}
# Enum → the schemas in docs/events that have its words.
DESCRIBED: Mapping[str, set[str]] = {
    "Decision": {"orchestration.checkpoint.requested.json", "orchestration.checkpoint.resolved.json"},
    "DisabledReason": {"baton.webhook.disabled.json"},
    "QueueReason": {"orchestration.step.queued.json"},
    "RunUpdate": {"orchestration.run.updated.json"},
}
# The part of `cli.authoring.generated --check` after the compilation of definitions, which fails, too.
OUT_OF_STEP = """
import pathlib, cli.authoring.event_schemas
raise SystemExit(" ".join(cli.authoring.event_schemas.write_all(pathlib.Path("docs/events"), check=True)))
"""
ENUMS: Mapping[str, str] = {  # → module
    name: module.name
    for module in iter_modules(model.__path__)
    for name, enum in vars(import_module(f"baton.model.{module.name}")).items()
    if isinstance(enum, EnumType) and len(enum) and enum.__module__ == f"baton.model.{module.name}"
}


class Checkout:
    """A copy in which the named enums have one word more."""

    def __init__(self, folder: Path, enums: Iterable[str]) -> None:
        self.folder = folder
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "template.yaml"):
            shutil.copy2(ROOT / name, folder / name)
        if (ROOT / ".mypy_cache").exists():  # of an earlier check: it saves most of the time
            shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
        for enum in enums:
            file = folder / "layers/baton/baton/model" / f"{ENUMS[enum]}.py"
            head = rf"(class {enum}\(StrEnum\):\n(    \"\"\".*?\"\"\"\n\n)?)"
            text, count = re.subn(head, rf"\1    {ONE_MORE} = 'x'\n", file.read_text(encoding="utf-8"))
            assert count == 1, enum
            file.write_text(text, encoding="utf-8")

    def run(self, *arguments: str, mypy_path: str = "") -> str:
        """The output of Python with these arguments, which must fail."""
        process = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={"PYTHONPATH": f"{self.folder}:{self.folder / 'layers/baton'}", "MYPYPATH": mypy_path, "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 1, process.stdout + process.stderr
        return process.stdout + process.stderr


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """(file, enum) of each case that mypy misses, if every enum has a word more."""
    checkout = Checkout(tmp_path_factory.mktemp("checkout"), ENUMS)
    output = checkout.run("-m", "mypy")
    for function in FUNCTIONS:
        output += checkout.run("-m", "mypy", f"functions/{function}", mypy_path=f"functions/{function}")
    return [
        (line.partition(":")[0], enum)
        for line in output.splitlines()
        if ": error: " in line and "assert_never" in line
        for enum in re.findall(rf"\b(\w+)\.{ONE_MORE}\b", line)
    ]


@pytest.fixture(scope="module")
def one_action_more(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout"), DESCRIBED)


def test_mypy_refuses_a_word_that_only_an_enum_has(refused: list[tuple[str, str]]) -> None:
    assert len(ENUMS) > 30
    assert ENUMS.keys() - {enum for _, enum in refused} == CASELESS.keys()


def test_mypy_names_every_module_that_answers_to_an_action(refused: list[tuple[str, str]]) -> None:
    assert {file for file, enum in refused if enum == "Decision"} == ANSWERING


@pytest.mark.parametrize("enum", CASELESS)
def test_a_test_compares_an_enum_without_cases(enum: str) -> None:
    if CASELESS[enum] == EVENTS:
        assert enum in DESCRIBED
    else:
        assert re.search(rf"\b{enum}\b", (ROOT / CASELESS[enum]).read_text(encoding="utf-8"))


def test_the_schemas_of_events_lack_a_word_that_only_the_enum_has(one_action_more: Checkout) -> None:
    output = one_action_more.run("-c", OUT_OF_STEP)
    assert set(output.split()) == set().union(*DESCRIBED.values())


def test_no_function_of_the_record_takes_an_action_that_only_the_enum_has(one_action_more: Checkout) -> None:
    output = one_action_more.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/test_words.py")
    for function in ("apply_decision", "decide_approval", "decision_outcome", "is_approval_over"):
        assert f"test_words.py::test_a_function_has_a_case_for_every_decision[{function}]" in output


def test_the_check_of_generated_files_names_the_place_that_lacks_an_action(one_action_more: Checkout) -> None:
    output = one_action_more.run("-m", "cli.authoring.generated", "--check")
    assert re.fullmatch(r".*\.py:\d+: \w+ has no case for .*ONE_MORE.*\n", output)
