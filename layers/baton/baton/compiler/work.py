"""The states that do a step's work: one Task for an agent, a Map for ``for_each``, a child execution for an
orchestration.

If the run goes on after a failure of the step, all of them lead to ``settle``. It records the failure and lets the
steps go on that waited for this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from baton.compiler import calls, names, retries
from baton.model import OnChildFailure, PrepareAnswer, StepTask
from baton.plan import Child, ForEach, Step

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
    return step.continue_on_failure or step.on_child_failure is OnChildFailure.CONTINUE


def with_settling(step: Step, work: States, after: str | None, digest: str) -> States:
    """The work, in which every error leads to ``settle`` and from there to ``after``."""
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": names.settle(step)}]}
    # The state that waits for a child keeps its own Catch, which leads to a later state of the work.
    states = {name: state if state["Type"] == "Choice" else state | caught | state for name, state in work.items()}
    settle = calls.ask_record(step, StepTask.SETTLE, digest, f"{step.name} failed, and the run goes on")
    return states | {names.settle(step): settle | leads_to(after)}


def leads_to(name: str | None) -> dict[str, Any]:
    return {"End": True} if name is None else {"Next": name}


def _items(step: Step, for_each: ForEach, digest: str) -> Work:
    """expand → Map over the indices → collect. The items themselves are in the record."""
    item = calls.work_on(step, StepTask.ITEM, digest, f"{step.name}, one item", **{"item_index.$": "$.index"})
    each = {
        "Type": "Map",
        "Comment": step.name,
        "ItemsPath": "$.outcome.items",
        "ItemSelector": {"run_id.$": "$.run_id", "generation.$": "$.generation", "index.$": "$$.Map.Item.Value"},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": names.item(step),
            "States": {names.item(step): item | {"End": True}},
        },
        **({} if for_each.max_parallel is None else {"MaxConcurrency": for_each.max_parallel}),
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
    """prepare → start and wait → collect, which reads the child's record after any end of its execution."""
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
    states = {
        names.prepare(step): prepare | {"Next": names.started(step)},
        names.started(step): {
            "Type": "Choice",
            "Choices": [{"Variable": "$.child.answer.status", "StringEquals": PrepareAnswer.START, "Next": step.id}],
            "Default": names.collect(step),
        },
        step.id: start,
        names.collect(step): collect,
    }
    return Work(names.prepare(step), names.collect(step), states)
