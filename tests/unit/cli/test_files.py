"""`baton validate`, `compile`, `graph` and `check-asl`, which only read files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cli.checkout import ROOT
from tests.unit.cli.conftest import Shell

BUNDLED = str(ROOT / "definitions" / "orchestrations" / "kpi-tracking.yaml")


@pytest.fixture
def broken_file(tmp_path: Path) -> str:
    file = tmp_path / "kpi-tracking.yaml"
    file.write_text(Path(BUNDLED).read_text().replace("depends_on:", "depend_on:"))
    return str(file)


def test_a_valid_file_is_reported_as_valid(shell: Shell) -> None:
    assert shell.baton("validate", BUNDLED, environ={}) == 0
    assert shell.out == "1 file is valid.\n"


def test_agents_are_searched_in_the_tree_of_the_file(shell: Shell, tmp_path: Path) -> None:
    tree = tmp_path / "definitions"
    shutil.copytree(ROOT / "definitions", tree)
    file = tree / "orchestrations" / "kpi-tracking.yaml"
    file.write_text(file.read_text().replace("agent: summarizer", "agent: sumarizer"))

    assert shell.baton("validate", str(file), environ={}) == 1
    assert "the agent `sumarizer` is not in agents/ (did you mean `summarizer`?)" in shell.out


def test_outside_of_a_tree_validate_says_that_agents_were_not_checked(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "kpi-tracking.yaml"
    file.write_text(Path(BUNDLED).read_text().replace("agent: summarizer", "agent: sumarizer"))

    assert shell.baton("validate", str(file), environ={}) == 0
    assert "agents were not checked" in shell.out


def test_a_problem_is_shown_with_its_place_and_a_suggestion(shell: Shell, broken_file: str) -> None:
    assert shell.baton("validate", broken_file, environ={}) == 1
    assert shell.out.startswith(f"{broken_file}:")
    assert "did you mean `depends_on`?" in shell.out


def test_problems_as_json_have_line_and_column(shell: Shell, broken_file: str) -> None:
    assert shell.baton("validate", broken_file, "--json", environ={}) == 1
    [problem] = json.loads(shell.out)
    assert problem["suggestion"] == "depends_on"
    assert problem["line"] > 1


def test_the_state_machine_is_printed(shell: Shell) -> None:
    assert shell.baton("compile", BUNDLED, environ={}) == 0
    assert json.loads(shell.out)["StartAt"] == "fetch-kpi-data"


def test_the_graph_is_printed(shell: Shell) -> None:
    assert shell.baton("graph", BUNDLED, environ={}) == 0
    assert shell.out.startswith("flowchart")


def test_a_broken_file_is_not_compiled(shell: Shell, broken_file: str) -> None:
    assert shell.baton("compile", broken_file, environ={}) == 1
    assert "depends_on" in shell.err
    assert shell.out == ""


@pytest.mark.parametrize("verb", ["validate", "compile", "graph", "check-asl"])
def test_a_missing_file_is_reported_in_one_line(shell: Shell, verb: str) -> None:
    assert shell.baton(verb, "nowhere.yaml", environ={}) == 1
    assert shell.err == "There is no file nowhere.yaml.\n"


# --- check-asl ------------------------------------------------------------------------------------------------------


def test_a_valid_state_machine_is_reported_as_valid(shell: Shell) -> None:
    assert shell.baton("check-asl", str(ROOT / "statemachines" / "kpi-tracking.asl.json"), environ={}) == 0
    assert shell.out == "No fault found.\n"


def test_a_fault_of_a_state_machine_is_shown_with_its_place(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "machine.json"
    file.write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}')
    assert shell.baton("check-asl", str(file), environ={}) == 1
    assert f"{file}: States.A.Next: there is no state `B` here" in shell.out.replace("\n", " ")
    shell.baton("check-asl", str(file), "--json", environ={})
    assert {"file": str(file), "where": "States.A.Next", "message": "there is no state `B` here"} in json.loads(
        shell.out
    )


# --- orchestrations that run others ---------------------------------------------------------------------------------


def test_a_child_orchestration_is_searched_beside_its_parent(shell: Shell, tmp_path: Path) -> None:
    parent = tmp_path / "finance-quarterly-review.yaml"
    text = (ROOT / "definitions" / "orchestrations" / parent.name).read_text()
    parent.write_text(text.replace("results.summarize-results.summary", "results.summarize-results.sumary"))
    assert shell.baton("validate", str(parent), environ={}) == 0, "the child may be in the deployment"
    (tmp_path / "kpi-tracking.yaml").write_text(Path(BUNDLED).read_text())
    assert shell.baton("validate", str(parent), environ={}) == 1
    assert "has no output `sumary`" in shell.out
