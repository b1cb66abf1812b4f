"""Faults of state machines that neither a linter nor a simulator reports, and their places."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.compiler import asl_text, compile_machine
from cli.authoring.checker import check, check_text
from tests.unit.compiler.graphs import Graph, acyclic
from tests.unit.compiler.state_machines import FAULTY, PASS, SOUND, one
from tests.unit.examples import plan_of_graph, whole_engine

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("machine", SOUND.values(), ids=SOUND)
def test_a_sound_machine_has_no_fault(machine: dict[str, Any]) -> None:
    assert check(machine) == ()


@pytest.mark.parametrize(("machine", "message"), FAULTY.values(), ids=FAULTY)
def test_a_fault_is_reported_with_its_place(machine: Any, message: str) -> None:
    assert message in [str(fault) for fault in check(machine)]


def test_check_text_finds_double_keys_broken_json_and_too_large_files() -> None:
    assert [
        str(fault) for fault in check_text('{"StartAt": "A", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
    ] == ["StartAt: the key `StartAt` is there twice"]
    assert "is not JSON" in str(check_text("{")[0])
    assert "has 1,100,000 bytes" in str(check_text(" " * 1_100_000)[0])


# --- what the compiler writes ---------------------------------------------------------------------------------------


@given(acyclic(), st.data())
def test_every_compiled_machine_passes(graph: Graph, data: st.DataObject) -> None:
    plan = plan_of_graph(
        graph,
        reviewed=data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True)),
        max_parallel=data.draw(st.integers(1, 4)),
        features={step_id: data.draw(st.sampled_from(["", "when", "items", "child", "passing"])) for step_id in graph},
    )
    assert check_text(asl_text(compile_machine(plan))) == ()


@pytest.mark.parametrize("path", sorted((ROOT / "statemachines").glob("*.asl.json")), ids=lambda path: path.name)
def test_the_machines_that_are_checked_in_pass(path: Path) -> None:
    assert check_text(path.read_text(encoding="utf-8")) == ()


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every field below the states of a machine."""
    own_place = [at] if at and isinstance(at[-1], str) else []
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return own_place + [place for key, child in children for place in places(child, (*at, key))]


def renamed_field(machine: dict[str, Any], place: tuple[Any, ...], name: str) -> dict[str, Any]:
    """The machine with the field at ``place`` renamed."""
    result = copy.deepcopy(machine)
    section = result
    for key in place[:-1]:
        section = section[key]
    section[name] = section.pop(place[-1])
    return result


WHOLE = json.loads(asl_text(compile_machine(whole_engine())))
FREE = {"Payload", "Input", "ResultSelector", "ItemSelector"}  # the author chooses the names below these


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(places(WHOLE)), ANYTHING)
def test_the_checker_ends_for_every_value_of_every_field(place: tuple[Any, ...], value: Any) -> None:
    machine = copy.deepcopy(WHOLE)
    section = machine
    for key in place[:-1]:
        section = section[key]
    section[place[-1]] = value
    assert all(str(fault) for fault in check(machine))


def test_a_machine_that_nests_too_deep_is_a_fault() -> None:
    machine: dict[str, Any] = one(PASS)
    for number in range(2000):
        name = f"P{number}"
        machine = {"StartAt": name, "States": {name: {"Type": "Parallel", "Branches": [machine], "End": True}}}
    assert [str(fault) for fault in check(machine)] == ["the state machine: nests too deep to be checked"]


def test_no_field_of_a_compiled_machine_can_be_misspelt() -> None:
    checked = [place for place in places(WHOLE) if not FREE & set(place[:-1])]
    assert len(checked) > 400
    assert [place for place in checked if not check(renamed_field(WHOLE, place, f"{place[-1]}x"))] == []
