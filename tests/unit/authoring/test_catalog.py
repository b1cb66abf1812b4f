"""A folder of definitions: its files must not contradict each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from baton.definition import DefinitionInvalid
from cli.authoring.catalog import read_catalog
from tests.unit.examples import EXAMPLE

FILES = {
    "orchestrations/example.yaml": EXAMPLE,
    "agents/manager.yaml": (
        "metadata: {name: manager, displayName: Manager}\nagent: {kind: orchestrator, orchestrations: [example]}\n"
    ),
    "agents/fetcher.yaml": (
        "metadata: {name: fetcher, displayName: Fetcher}\n"
        "agent: {kind: agent, transport: {type: lambda, function: fetcher}}\n"
    ),
    "agents/summarizer.yaml": (
        "metadata: {name: summarizer, displayName: Summarizer}\n"
        "agent: {kind: agent, transport: {type: lambda, function: summarizer}}\n"
    ),
}


def folder(tmp_path: Path, changes: dict[str, str]) -> Path:
    for name, text in {**FILES, **changes}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_definition_is_owned_by_the_orchestrator_that_lists_it(tmp_path: Path) -> None:
    catalog = read_catalog(folder(tmp_path, {}))
    assert catalog.definitions["example"].plan.owner == "manager"
    assert set(catalog.agents) == {"manager", "fetcher", "summarizer"}


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "orchestrations/example.yaml",
            "agent: summarizer",
            "agent: sumarizer",
            "orchestrations/example.yaml:33:14: the agent `sumarizer` is not in agents/ (did you mean `summarizer`?)",
        ),
        (
            "orchestrations/example.yaml",
            "agent: summarizer",
            "agent: manager",
            "orchestrations/example.yaml:33:14: the agent `manager` is an orchestrator, which cannot do a step",
        ),
        (
            "agents/manager.yaml",
            "[example]",
            "[example, exmaple]",
            "agents/manager.yaml:2:55: there is no orchestration `exmaple` in orchestrations/ "
            "(did you mean `example`?)",
        ),
        (
            "agents/manager.yaml",
            "[example]",
            "[]",
            "orchestrations/example.yaml:2:9: no orchestrator in agents/ lists `example` in its `orchestrations`",
        ),
        (
            "agents/manager.yaml",
            "name: manager",
            "name: boss",
            "agents/manager.yaml:1:18: `boss` lives in manager.yaml; it belongs in boss.yaml",
        ),
        (
            "agents/fetcher.yaml",
            ", transport: {type: lambda, function: fetcher}",
            "",
            "agents/fetcher.yaml:2:8: `transport` is missing: it says how this agent is reached",
        ),
        (
            "agents/fetcher.yaml",
            "type: lambda",
            "type: lamda",
            "agents/fetcher.yaml:2:40: `type` must be one of `lambda`, `http`, not `lamda` (did you mean `lambda`?)",
        ),
        (
            "agents/manager.yaml",
            "[example]",
            "[example], transport: {type: lambda, function: x}",
            "agents/manager.yaml:2:56: an orchestrator is not called, so it has no `transport`",
        ),
        (
            "orchestrations/example.yaml",
            "agent: summarizer\n      depends_on: [fetch]\n      input:\n        context:\n          rows:",
            "type: orchestration\n      depends_on: [fetch]\n      orchestration:\n        name: exampel\n"
            "        parameters:\n          kpi_names:",
            "orchestrations/example.yaml:36:15: there is no orchestration `exampel` in orchestrations/ "
            "(did you mean `example`?)",
        ),
        (
            "orchestrations/example.yaml",
            "agent: summarizer\n      depends_on: [fetch]\n      input:\n        context:\n          rows:",
            "type: orchestration\n      depends_on: [fetch]\n      orchestration:\n        name: example\n"
            "        parameters:\n          kpi_names:",
            "orchestrations/example.yaml:36:15: the orchestrations run each other in a circle: example → example",
        ),
    ],
)
def test_a_contradiction_between_files_is_reported_with_its_place(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    assert old in FILES[name]
    with pytest.raises(DefinitionInvalid) as error_info:
        read_catalog(folder(tmp_path, {name: FILES[name].replace(old, new)}))
    assert str(error_info.value).replace(f"{tmp_path}/", "") == message


def test_one_definition_has_one_owner(tmp_path: Path) -> None:
    second = FILES["agents/manager.yaml"].replace("manager", "second")
    with pytest.raises(DefinitionInvalid, match="`example` is owned by `manager` already"):
        read_catalog(folder(tmp_path, {"agents/second.yaml": second}))


def test_the_problems_of_all_files_are_reported_together(tmp_path: Path) -> None:
    broken = {"agents/fetcher.yaml": "metadata: {}\n", "orchestrations/example.yaml": "steps: []\n"}
    with pytest.raises(DefinitionInvalid) as error_info:
        read_catalog(folder(tmp_path, broken))
    assert len({problem.file for problem in error_info.value.problems}) == 2


PARENT = """\
metadata: {name: parent, displayName: Parent, version: 1.0.0}
orchestration:
  steps:
    - id: run-example
      agent: manager
      orchestration: {name: example, parameters: {kpi_names: [revenue]}}
"""
BOSS = "metadata: {name: boss, displayName: Boss}\nagent: {kind: orchestrator, orchestrations: [parent]}\n"


def parent_folder(tmp_path: Path, text: str = PARENT) -> Path:
    return folder(tmp_path, {"orchestrations/parent.yaml": text, "agents/boss.yaml": BOSS})


def test_an_orchestration_step_may_name_the_orchestrator_that_owns_the_child(tmp_path: Path) -> None:
    (step,) = read_catalog(parent_folder(tmp_path)).definitions["parent"].plan.steps
    assert (step.type, step.mode, step.agent) == ("orchestration", "BUILD", "manager")


@pytest.mark.parametrize("stated", ["type: orchestration, ", "mode: build, ", "type: orchestration, mode: BUILD, "])
def test_the_type_and_mode_of_a_step_may_be_written_out(tmp_path: Path, stated: str) -> None:
    text = PARENT.replace("- id: run-example\n", f"- {{{stated}id: run-example,\n").replace(
        "      agent: manager\n      orchestration:", "      agent: manager,\n      orchestration:"
    )
    (step,) = read_catalog(parent_folder(tmp_path, text.rstrip() + "}\n")).definitions["parent"].plan.steps
    assert (step.type, step.mode, step.agent) == ("orchestration", "BUILD", "manager")


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        ("manger", "the agent `manger` is not in agents/ (did you mean `manager`?)"),
        ("boss", "the orchestrator `boss` does not list `example` in its `orchestrations` (did you mean `manager`?)"),
        (
            "fetcher",
            "the agent `fetcher` does steps and owns no orchestration; name the orchestrator that lists `example`, "
            "or none (did you mean `manager`?)",
        ),
    ],
)
def test_the_agent_of_an_orchestration_step_must_list_the_child(tmp_path: Path, agent: str, message: str) -> None:
    with pytest.raises(DefinitionInvalid) as error_info:
        read_catalog(parent_folder(tmp_path, PARENT.replace("agent: manager", f"agent: {agent}")))
    assert str(error_info.value).replace(f"{tmp_path}/", "") == f"orchestrations/parent.yaml:5:14: {message}"


def test_no_definition_has_the_name_of_the_machine_that_launches_runs(tmp_path: Path) -> None:
    changes = {"orchestrations/launch.yaml": EXAMPLE.replace("name: example", "name: launch")}
    with pytest.raises(DefinitionInvalid, match="`launch` is the name of the state machine that launches runs"):
        read_catalog(folder(tmp_path, changes))
