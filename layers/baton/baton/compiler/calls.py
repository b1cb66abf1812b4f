"""The Tasks that call Baton's functions: payload, time-out and retries.

State travels by reference: the execution's input is ``{run_id, generation}``. Every call has this input, the id of its
step and the digest of the machine. A path to a field of the input would fail in Step Functions for any other input,
before a function could say what to do.
"""

from __future__ import annotations

from typing import Any

from baton.compiler import names, retries
from baton.model import CheckpointTask, StepTask
from baton.plan import MAX_EXECUTION_SECONDS, Step

State = dict[str, Any]

INVOKE = "arn:aws:states:::lambda:invoke"
INVOKE_AND_WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"

TASK_MARGIN_SECONDS = 30  # time-outs nest: agent deadline < function time-out < this Task's time-out
BOOKKEEPING_SECONDS = 60  # for calls that only read and write the record
# The record decides when a checkpoint, or a run, is over. The time-outs here are upper bounds, for the case that the
# sweep does not come.
INSTANT_MARGIN_SECONDS = 900


def upper_bound(seconds: int | None) -> int:
    """The time-out, in seconds, of a Task or an execution that the record ends after ``seconds`` (None: never)."""
    return MAX_EXECUTION_SECONDS if seconds is None else min(seconds + INSTANT_MARGIN_SECONDS, MAX_EXECUTION_SECONDS)


def work_on(step: Step, action: StepTask, digest: str, comment: str, **more: str) -> State:
    """The Task in which the step function does the step's work and calls its agent.

    If the database went away while the agent was at work, the Task begins anew. From its time of entry the record knows
    that the earlier call has not crashed.
    """
    name = names.item(step) if action is StepTask.ITEM else step.id
    return {
        **_call("${StepFunctionArn}", INVOKE, comment, _delivery(step, action, digest) | more),
        "TimeoutSeconds": step.timeout_seconds + TASK_MARGIN_SECONDS,
        "Retry": retries.of_work(step),
        "Catch": [{"ErrorEquals": list(retries.RESULT_LOST), "ResultPath": None, "Next": name}],
    }


def ask_record(step: Step, action: StepTask, digest: str, comment: str, **more: str) -> State:
    """A Task in which the step function only reads and writes the record."""
    return {
        **_call("${StepFunctionArn}", INVOKE, comment, _delivery(step, action, digest) | more),
        "TimeoutSeconds": BOOKKEEPING_SECONDS,
        "Retry": retries.of_bookkeeping(),
    }


def wait_at_gate(step: Step, digest: str) -> State:
    """The Task that ends when the record lets the step begin."""
    return {
        **_call(
            "${GateFunctionArn}", INVOKE_AND_WAIT, f"{step.name} waits for its turn", _about(step, digest) | _TOKEN
        ),
        "TimeoutSeconds": MAX_EXECUTION_SECONDS,
        "Retry": retries.of_waiting(),
    }


def ask_person(step: Step, digest: str, timeout_seconds: int) -> State:
    """The Task that ends with a person's decision, which is its result."""
    payload = _about(step, digest) | _TOKEN | {"action": CheckpointTask.OPEN}
    return {
        **_call("${CheckpointFunctionArn}", INVOKE_AND_WAIT, f"A person looks at {step.name}", payload),
        "ResultPath": "$.review",
        "TimeoutSeconds": timeout_seconds,
        "Retry": retries.of_waiting(),
    }


def expire(step: Step, digest: str) -> State:
    """The Task after a time-out, in which the record takes the definition's decision. That is its result."""
    payload = _about(step, digest) | {"execution.$": "$$.Execution.Id", "action": CheckpointTask.EXPIRE}
    return {
        **_call("${CheckpointFunctionArn}", INVOKE, f"Nobody decided about {step.name} in time", payload),
        "ResultSelector": {"decision.$": "$.Payload.decision"},
        "ResultPath": "$.review",
        "TimeoutSeconds": BOOKKEEPING_SECONDS,
        "Retry": retries.of_expiry(),
    }


def keeping(task: State, path: str, **parts: str) -> State:
    """The Task with parts of the function's answer at ``path``: name → the path within the answer."""
    selector = {f"{name}.$": f"$.Payload{where}" for name, where in parts.items()}
    return task | {"ResultSelector": selector, "ResultPath": path}


def _call(function: str, resource: str, comment: str, payload: dict[str, Any]) -> State:
    return {
        "Type": "Task",
        "Comment": comment,
        "Resource": resource,
        "Parameters": {"FunctionName": function, "Payload": payload},
        "ResultPath": None,
    }


def _about(step: Step, digest: str) -> dict[str, Any]:
    return {"execution_input.$": "$$.Execution.Input", "step_id": step.id, "digest": digest}


_RETRY_COUNT = {"retry_count.$": "$$.State.RetryCount"}
_TOKEN = {"token.$": "$$.Task.Token", "execution.$": "$$.Execution.Id", **_RETRY_COUNT}


def _delivery(step: Step, action: StepTask, digest: str) -> dict[str, Any]:
    """A payload from which ``ports.steps.Delivery`` can distinguish the deliveries of a call."""
    return _about(step, digest) | {
        "execution.$": "$$.Execution.Id",
        "entered_at.$": "$$.State.EnteredTime",
        **_RETRY_COUNT,
        "action": action,
    }
