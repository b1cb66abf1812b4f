"""The states that do a step's work: one Task for an agent, a Map for ``for_each``, a child execution for an
orchestration.

If the run goes on after a failure of the step, all of them lead to ``settle``. It records the failure and lets the
steps go on that waited for this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, assert_never

from baton.compiler import calls, names, retries
from baton.model import PrepareAnswer, StepTask
from baton.plan import MAX_ITEMS_AT_ONCE, Child, ForEach, Step

W = TypeVar("W", bound=StrEnum)

States = dict[str, dict[str, Any]]

START_CHILD = "arn:aws:states:::states:startExecution.sync:2"


@dataclass(frozen=True, slots=True)
class Work:
    """``entry`` is the name of the first state, ``last`` that of the state that has no ``Next`` yet."""

    entry: str
    last: str
    states: States


def work_of(step: Step, digest: str) -> Work:
    if step.child is not None:
        return _child(step, step.child, digest)
    if step.for_each is not None:
        return _items(step, step.for_each, digest)
    return Work(step.id, step.id, {step.id: calls.work_on(step, StepTask.RUN, digest, step.name)})


def may_fail(step: Step) -> bool:
    """Whether the run goes on when the step has failed for good."""
    return step.continue_on_failure or step.on_child_failure.lets_parent_go_on


def with_settling(step: Step, work: States, after: str | None, digest: str) -> States:
    """The work, in which every failure leads to ``settle`` and from there to ``after``."""
    states = {name: state if state["Type"] == "Choice" else _settling(step, state) for name, state in work.items()}
    settle = calls.ask_record(step, StepTask.SETTLE, digest, f"{step.name} failed, and the run goes on")
    return states | {names.settle(step): settle | leads_to(after)}


def _settling(step: Step, state: dict[str, Any]) -> dict[str, Any]:
    """The state keeps its own catchers. That of the state that waits for a child takes every error, and leads to a
    later state of the work."""
    own = state.get("Catch", [])
    if any("States.ALL" in catcher["ErrorEquals"] for catcher in own):
        return state
    failures = {"ErrorEquals": list(retries.FAILURES), "ResultPath": None, "Next": names.settle(step)}
    return state | {"Catch": [*own, failures]}


def leads_to(name: str | None) -> dict[str, Any]:
    return {"End": True} if name is None else {"Next": name}


def choice(variable: str, ways: Mapping[W, str | None], otherwise: str) -> dict[str, Any]:
    """``ways`` is value → state. A way without a state, or to ``otherwise``, needs no rule."""
    choices = [
        {"Variable": variable, "StringEquals": value, "Next": state}
        for value, state in ways.items()
        if state not in (None, otherwise)
    ]
    return {"Type": "Choice", "Choices": choices, "Default": otherwise}


def _items(step: Step, for_each: ForEach, digest: str) -> Work:
    """expand → Map over the indices → collect. The items themselves are in the record."""
    item = calls.work_on(step, StepTask.ITEM, digest, f"{step.name}, one item", **{"item_index.$": "$.index"})
    each = {
        "Type": "Map",
        "Comment": step.name,
        "ItemsPath": "$.outcome.items",
        "ItemSelector": {"index.$": "$$.Map.Item.Value"},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": names.item(step),
            "States": {names.item(step): item | {"End": True}},
        },
        "MaxConcurrency": for_each.max_parallel or MAX_ITEMS_AT_ONCE,
        "ResultPath": None,
        "Next": names.collect(step),
    }
    expand = calls.ask_record(step, StepTask.EXPAND, digest, f"The items of {step.name}")
    expand = calls.keeping(expand, "$.outcome", items=".items", status=".status")
    states = {
        names.expand(step): expand | {"Next": step.id},
        step.id: each,
        names.collect(step): calls.ask_record(step, StepTask.GATHER, digest, f"What the items of {step.name} gave"),
    }
    return Work(names.expand(step), names.collect(step), states)


def _child(step: Step, child: Child, digest: str) -> Work:
    """prepare → start and wait → collect, which reads the child's record after any end of its execution. If the child
    goes on in its next execution, so does this: it prepares that."""
    prepare = calls.ask_record(step, StepTask.PREPARE, digest, f"The run of {child.name}")
    prepare = calls.keeping(prepare, "$.child", answer="")
    start = {
        "Type": "Task",
        "Comment": step.name,
        "Resource": START_CHILD,
        "Parameters": {
            "StateMachineArn.$": "$.child.answer.machine",
            "Name.$": "$.child.answer.name",
            "Input": {
                "run_id.$": "$.child.answer.input.run_id",
                "generation.$": "$.child.answer.input.generation",
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id",
            },
        },
        "ResultPath": None,
        "TimeoutSeconds": step.timeout_seconds,
        "Retry": retries.of_child(),
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.child.caught", "Next": names.collect(step)}],
        "Next": names.collect(step),
    }
    collect = calls.ask_record(step, StepTask.COLLECT, digest, f"What came of {child.name}", **{"child.$": "$.child"})
    moved_on = {"ErrorEquals": list(retries.CHILD_MOVED_ON), "ResultPath": None, "Next": names.prepare(step)}
    ways = {answer: _after(answer, step) for answer in PrepareAnswer}
    states = {
        names.prepare(step): prepare | {"Next": names.started(step)},
        names.started(step): choice("$.child.answer.status", ways, names.collect(step)),
        step.id: start,
        names.collect(step): collect | {"Catch": [moved_on]},
    }
    return Work(names.prepare(step), names.collect(step), states)


def _after(answer: PrepareAnswer, step: Step) -> str:
    """The state after ``prepare``."""
    match answer:
        case PrepareAnswer.START:
            return step.id
        case PrepareAnswer.DONE:
            return names.collect(step)
        case _:
            assert_never(answer)
