"""The compiled state machine, compared with its plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.compiler import NotSupported, asl_text, compile_machine, limits
from baton.model import Decision
from baton.plan import Checkpoint, CheckpointOption, Step
from tests.unit.compiler.graphs import Graph, acyclic
from tests.unit.examples import EXAMPLE, plan_of, plan_of_graph, whole_engine

ROOT = Path(__file__).resolve().parents[3]


def scopes(machine: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The machine and every branch in it: each has its own ``StartAt`` and ``States``."""
    yield machine
    for state in machine["States"].values():
        for scope in inner(state):
            yield from scopes(scope)


def states_of(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for scope in scopes(machine):
        yield from scope["States"].items()


def inner(state: dict[str, Any]) -> list[dict[str, Any]]:
    return [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]


def targets(state: dict[str, Any]) -> set[str]:
    found = {choice["Next"] for choice in state.get("Choices", [])}
    return found | {state[way] for way in ("Next", "Default") if way in state}


def reachable(scope: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    ahead = {scope["StartAt"]}
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead |= targets(scope["States"][name]) - found
    return found


def assert_sound(machine: dict[str, Any]) -> None:
    names = [name for name, _ in states_of(machine)]
    assert len(names) == len(set(names)), "a name is there twice"
    assert all(len(name) <= 80 for name in names)
    for scope in scopes(machine):
        assert reachable(scope) == set(scope["States"]), "a target is missing or a state is never reached"
    for name, state in states_of(machine):
        ways_out = [way for way in ("Next", "End", "Default") if way in state]
        assert len(ways_out) == (0 if state["Type"] == "Succeed" else 1), name
        assert ("TimeoutSeconds" in state) == (state["Type"] == "Task"), name


@given(acyclic(), st.data())
def test_every_machine_is_valid_and_runs_every_step_once(graph: Graph, data: st.DataObject) -> None:
    reviewed = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    machine = compile_machine(plan_of_graph(graph, reviewed)).asl
    assert_sound(machine)
    tasks = [
        state["Parameters"]["Payload"]["step_id"]
        for _, state in states_of(machine)
        if state["Type"] == "Task" and state["Resource"].endswith(":invoke")
    ]
    assert sorted(tasks) == sorted(graph)


@pytest.mark.parametrize("path", sorted((ROOT / "statemachines").glob("*.asl.json")), ids=lambda path: path.name)
def test_the_machines_of_the_repository_are_valid(path: Path) -> None:
    assert_sound(json.loads(path.read_text(encoding="utf-8")))


def test_the_longest_legal_step_id_still_gives_legal_state_names() -> None:
    assert_sound(compile_machine(plan_of_graph({"s" * 60: []}, reviewed=["s" * 60])).asl)


def test_two_hundred_steps_in_the_deepest_nesting_compile() -> None:
    graph: Graph = {"s000": []}
    for number in range(1, 199, 2):  # each pair: one step beside everything so far, one after both
        graph[f"s{number:03}"] = []
        graph[f"s{number + 1:03}"] = [f"s{number - 1:03}", f"s{number:03}"]
    assert_sound(json.loads(asl_text(compile_machine(plan_of_graph(graph)))))


def test_a_chain_of_two_hundred_steps_in_reverse_order_compiles() -> None:
    graph = {f"s{number}": [f"s{number - 1}"] if number else [] for number in reversed(range(200))}
    assert compile_machine(plan_of_graph(graph)).asl["StartAt"] == "s0"


# --- what a reader of the machine sees ------------------------------------------------------------------------------


def example(**changes: str) -> dict[str, Any]:
    return compile_machine(plan_of(EXAMPLE)).asl


def test_state_names_are_the_step_ids_of_the_file() -> None:
    assert list(example()["States"]) == ["fetch", "fetch: review", "fetch: decision", "summarize"]


def test_a_step_is_one_task_that_gets_the_run_by_reference_and_keeps_no_result() -> None:
    compiled = compile_machine(plan_of(EXAMPLE))
    task = compiled.asl["States"]["summarize"]
    assert task["Parameters"] == {
        "FunctionName": "${StepFunctionArn}",
        "Payload": {
            "execution_input.$": "$$.Execution.Input",
            "step_id": "summarize",
            "digest": compiled.digest,
            "execution.$": "$$.Execution.Id",
            "entered_at.$": "$$.State.EnteredTime",
            "retry_count.$": "$$.State.RetryCount",
            "action": "run",
        },
    }
    assert (task["Resource"], task["ResultPath"], task["End"]) == ("arn:aws:states:::lambda:invoke", None, True)


def test_a_task_outlives_its_step_by_half_a_minute() -> None:
    text = EXAMPLE.replace("agent: summarizer", "agent: summarizer\n      timeout_seconds: 300")
    assert compile_machine(plan_of(text)).asl["States"]["summarize"]["TimeoutSeconds"] == 330


def test_a_checkpoint_waits_for_its_token_and_then_goes_on_or_back() -> None:
    compiled = compile_machine(plan_of(EXAMPLE))
    review, decision = compiled.asl["States"]["fetch: review"], compiled.asl["States"]["fetch: decision"]
    assert review["Resource"] == "arn:aws:states:::lambda:invoke.waitForTaskToken"
    assert review["Parameters"]["Payload"] == {
        "execution_input.$": "$$.Execution.Input",
        "step_id": "fetch",
        "digest": compiled.digest,
        "token.$": "$$.Task.Token",
        "execution.$": "$$.Execution.Id",
        "retry_count.$": "$$.State.RetryCount",
        "action": "open",
    }
    assert (review["ResultPath"], review["TimeoutSeconds"]) == ("$.review", 31_536_000)
    assert decision == {
        "Type": "Choice",
        "Choices": [{"Variable": "$.review.decision", "StringEquals": "retry", "Next": "fetch"}],
        "Default": "summarize",
    }


def test_a_checkpoint_at_the_end_leads_to_a_succeed_state() -> None:
    states = compile_machine(plan_of_graph({"a": []}, reviewed=["a"])).asl["States"]
    assert states["a: decision"]["Default"] == "a: done"
    assert states["a: done"] == {"Type": "Succeed"}


def test_steps_side_by_side_become_a_parallel_that_passes_its_input_on() -> None:
    graph: Graph = {"a": [], "b": [], "c": ["a", "b"]}
    machine = compile_machine(plan_of_graph(graph)).asl
    parallel = machine["States"][machine["StartAt"]]
    assert [branch["StartAt"] for branch in parallel["Branches"]] == ["a", "b"]
    assert (parallel["Comment"], parallel["ResultPath"], parallel["Next"]) == ("a | b", None, "c")


# --- the whole engine -----------------------------------------------------------------------------------------------


def whole() -> dict[str, dict[str, Any]]:
    """Every state of a machine that uses everything, by name."""
    return dict(states_of(compile_machine(whole_engine()).asl))


def way(states: dict[str, dict[str, Any]], start: str) -> list[str]:
    """The states from ``start`` on, by Next and Default."""
    names = [start]
    while following := states[names[-1]].get("Next") or states[names[-1]].get("Default"):
        names.append(following)
    return names


def test_the_states_of_each_kind_of_step_follow_each_other() -> None:
    states = whole()
    assert way(states, "figures: gate") == [
        "figures: gate", "figures: expand", "figures", "figures: collect",
        "tracking: gate", "tracking: prepare", "tracking: started?", "tracking: collect",
        "brief: gate", "brief",
    ]  # fmt: skip
    assert way(states, "totals: gate") == [
        "totals: gate", "totals", "totals: asks?", "outlook: gate", "outlook", "outlook: asks?", "outlook: done",
    ]  # fmt: skip


def test_a_gate_waits_for_its_token_for_the_longest_possible_time() -> None:
    compiled = compile_machine(whole_engine())
    gate = dict(states_of(compiled.asl))["brief: gate"]
    assert gate["Parameters"] == {
        "FunctionName": "${GateFunctionArn}",
        "Payload": {
            "execution_input.$": "$$.Execution.Input",
            "step_id": "brief",
            "digest": compiled.digest,
            "token.$": "$$.Task.Token",
            "execution.$": "$$.Execution.Id",
            "retry_count.$": "$$.State.RetryCount",
        },
    }
    assert (gate["Resource"], gate["ResultPath"], gate["TimeoutSeconds"]) == (
        "arn:aws:states:::lambda:invoke.waitForTaskToken", None, 31_536_000,
    )  # fmt: skip


def test_every_call_of_the_step_function_has_its_action() -> None:
    actions = {
        name: state["Parameters"]["Payload"]["action"]
        for name, state in states_of(compile_machine(whole_engine()).asl)
        if state.get("Parameters", {}).get("FunctionName") == "${StepFunctionArn}"
    }
    assert actions == {
        "figures: expand": "expand", "figures: item": "item", "figures: collect": "gather",
        "totals": "run", "totals: settle": "settle",
        "tracking: prepare": "prepare", "tracking: collect": "collect", "tracking: settle": "settle",
        "outlook": "run", "brief": "run",
    }  # fmt: skip


def test_items_are_run_by_a_map_over_their_indexes() -> None:
    states = whole()
    expand, each, item = states["figures: expand"], states["figures"], states["figures: item"]
    assert expand["ResultSelector"] == {"items.$": "$.Payload.items", "status.$": "$.Payload.status"}
    assert (each["Type"], each["ItemsPath"], each["MaxConcurrency"]) == ("Map", "$.outcome.items", 4)
    assert each["ItemSelector"]["index.$"] == "$$.Map.Item.Value"
    assert each["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    assert item["Parameters"]["Payload"]["item_index.$"] == "$.index"
    assert "StepFailed" in item["Retry"][0]["ErrorEquals"]


def test_a_child_is_started_linked_and_collected_after_any_end() -> None:
    states = whole()
    started, child = states["tracking: started?"], states["tracking"]
    assert started["Choices"] == [{"Variable": "$.child.answer.status", "StringEquals": "start", "Next": "tracking"}]
    assert child["Resource"] == "arn:aws:states:::states:startExecution.sync:2"
    assert child["Parameters"]["Input"]["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$"] == "$$.Execution.Id"
    caught = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.child.caught", "Next": "tracking: collect"}
    assert child["Catch"] == [caught]
    assert states["tracking: collect"]["Parameters"]["Payload"]["child.$"] == "$.child"
    assert (child["Next"], child["TimeoutSeconds"]) == ("tracking: collect", 86_400)


def test_if_a_step_may_fail_every_failure_leads_to_settle_and_on() -> None:
    states = whole()
    for name in ("totals", "tracking: prepare", "tracking: collect"):
        settled = f"{name.partition(':')[0]}: settle"
        caught = states[name]["Catch"][-1]
        assert (caught["ResultPath"], caught["Next"]) == (None, settled)
        assert {"StepExhausted", "Lambda.Unknown", "States.Timeout"} <= set(caught["ErrorEquals"])
        assert not {"NotLaunched", "WrongMachine", "StoreUnavailable", "States.ALL"} & set(caught["ErrorEquals"])
    assert "Catch" not in states["totals: settle"]
    assert states["tracking: settle"]["Next"] == states["tracking: collect"]["Next"] == "brief: gate"
    assert states["totals: settle"]["Next"] == states["totals: decision"]["Default"]


def test_an_optional_checkpoint_is_entered_only_after_the_status_checkpoint() -> None:
    states = whole()
    assert states["totals"]["ResultSelector"] == {"status.$": "$.Payload.status"}
    assert states["totals"]["ResultPath"] == "$.outcome"
    assert states["totals: asks?"]["Choices"] == [
        {"Variable": "$.outcome.status", "StringEquals": "checkpoint", "Next": "totals: review"}
    ]


def test_after_a_time_out_the_checkpoint_asks_the_record_for_the_decision() -> None:
    states = whole()
    review, expired = states["outlook: review"], states["outlook: expired"]
    assert review["TimeoutSeconds"] == 3600 + 900, "an upper bound: the sweep comes before"
    assert review["Catch"] == [{"ErrorEquals": ["States.Timeout"], "ResultPath": None, "Next": "outlook: expired"}]
    assert expired["Parameters"]["FunctionName"] == "${CheckpointFunctionArn}"
    assert expired["Parameters"]["Payload"]["action"] == "expire"
    assert (expired["ResultSelector"], expired["ResultPath"]) == ({"decision.$": "$.Payload.decision"}, "$.review")
    assert expired["Next"] == "outlook: decision"


def test_a_retry_of_a_person_goes_back_to_the_gate() -> None:
    assert whole()["totals: decision"]["Choices"][0]["Next"] == "totals: gate"


def test_a_run_has_the_time_limit_of_its_definition() -> None:
    assert compile_machine(whole_engine()).asl["TimeoutSeconds"] == 7200 + 900, "an upper bound: the sweep comes before"
    assert compile_machine(plan_of(EXAMPLE)).asl["TimeoutSeconds"] == 31_536_000


# --- limits ---------------------------------------------------------------------------------------------------------


def test_too_long_a_history_is_refused_at_the_step_with_most_events() -> None:
    plan = whole_engine()
    several = tuple(replace(plan.step("figures"), id=f"figures-{number}") for number in range(4))
    message = "66,.* events, and Step Functions ends it at 25,000; give `figures-0` a smaller `max_items`"
    with pytest.raises(NotSupported, match=message) as refused:
        compile_machine(replace(plan, steps=(*several, *plan.steps)))
    assert refused.value.path == ("orchestration", "steps", 0)


@pytest.mark.parametrize(
    ("more", "more_events"),
    [
        ("retry_count", 3 * 10),  # of each item
        ("max_items", 7 * 10),
        ("retry", 7 * 10 + 40),  # a person's retry repeats the whole step
        ("lines", 32 * 3 * 9),  # more items at once wait for the end of an outage
    ],
)
def test_the_estimate_counts_retries_items_peoples_retries_and_waits(more: str, more_events: int) -> None:
    step = plan_of(ITEMS).steps[0]
    assert step.for_each is not None
    options = (CheckpointOption(Decision.CONTINUE, "go", allows_modification=False),)
    checkpoint = Checkpoint("Good?", required=True, options=options, timeout_seconds=None, on_timeout=None)
    base = replace(step, checkpoint=checkpoint)
    asks = replace(checkpoint, options=(*options, replace(options[0], action=Decision.RETRY)))
    larger = {
        "retry_count": replace(base, retry=replace(base.retry, retry_count=1)),
        "max_items": replace(base, for_each=replace(step.for_each, max_items=20)),
        "retry": replace(base, checkpoint=asks),
        "lines": replace(base, for_each=replace(step.for_each, max_parallel=10)),
    }[more]
    assert events_of(larger) - events_of(base) >= more_events


def events_of(step: Step) -> int:
    """The estimate of a plan with this step alone."""
    return limits.events_of(replace(plan_of(ITEMS), steps=(step,)))


ITEMS = """\
metadata: {name: items, displayName: Items, version: 1.0.0}
orchestration:
  parameters: [{name: names, type: "string[]", required: true}]
  steps:
    - {id: each, agent: worker, for_each: "{{ names }}", as: one, max_items: 10, max_parallel: 1}
"""


def test_a_smaller_list_makes_room_for_retries() -> None:
    text = ITEMS.replace("max_items: 10", "max_items: 3000, error_handling: {on_step_failure: {retry_count: 3}}")
    with pytest.raises(NotSupported, match="give `each` a smaller `max_items`"):
        compile_machine(plan_of(text))
    compile_machine(plan_of(text.replace("3000", "1000")))


def test_a_map_runs_as_many_items_at_once_as_step_functions_can() -> None:
    for text, at_once in ((ITEMS, 1), (ITEMS.replace(", max_parallel: 1", ""), 40)):
        assert compile_machine(plan_of(text)).asl["States"]["each"]["MaxConcurrency"] == at_once


def test_a_machine_that_would_be_too_large_is_refused() -> None:
    text = EXAMPLE.replace("id: summarize", f"id: summarize\n      name: {'n' * 200}")
    plan = plan_of(text)
    large = replace(plan, steps=(plan.steps[0], replace(plan.steps[1], name="n" * 1_100_000)))
    with pytest.raises(NotSupported, match="Step Functions takes 1,048,576"):
        compile_machine(large)


def test_a_large_machine_is_written_without_indentation() -> None:
    graph: Graph = {f"s{number}": [f"s{number - 2}"] if number > 1 else [] for number in range(200)}
    text = asl_text(compile_machine(plan_of_graph(graph, reviewed=list(graph), max_parallel=1)))
    assert text.count("\n") == 1
    assert len(text) < 1_048_576


# --- the digest -----------------------------------------------------------------------------------------------------


def test_another_machine_has_another_digest() -> None:
    compiled = compile_machine(plan_of(EXAMPLE))
    assert compiled.digest == compile_machine(plan_of(EXAMPLE)).digest
    assert len(compiled.digest) == 16
    carried = {
        state["Parameters"]["Payload"]["digest"] for _, state in states_of(compiled.asl) if "Parameters" in state
    }
    assert carried == {compiled.digest}


def test_a_change_that_is_not_in_the_machine_keeps_the_digest() -> None:
    digest = compile_machine(plan_of(EXAMPLE)).digest
    assert compile_machine(plan_of(EXAMPLE.replace("1.0.0", "1.1.0"))).digest == digest
    assert compile_machine(plan_of(EXAMPLE.replace("Is this right?", "Right?"))).digest == digest
    assert compile_machine(plan_of(EXAMPLE.replace("agent: summarizer", "agent: other"))).digest == digest
    slower = EXAMPLE.replace("agent: summarizer", "agent: summarizer\n      timeout_seconds: 121")
    assert compile_machine(plan_of(slower)).digest != digest


def test_the_text_is_stable_and_ends_with_a_newline() -> None:
    text = asl_text(compile_machine(plan_of(EXAMPLE)))
    assert text == asl_text(compile_machine(plan_of(EXAMPLE)))
    assert text.endswith("}\n")
