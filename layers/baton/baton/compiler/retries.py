"""The errors that a Task retries, and when.

Their names are the class names of ``baton.errors`` (a Lambda function reports its exception's class name) and the names
of errors of Lambda and Step Functions. A Task does not retry any other error: ``StepExhausted``, ``RunEnded``,
``StaleGeneration``, ``WrongMachine``, ``StepNotReady`` and every bug end the execution.

Calls that Lambda throttles, and a database that is away, are no failures of a step. Every Task waits for them for
``OUTAGE_SECONDS``, with retriers of their own. These have no jitter, because with jitter the length of the wait would
be unknown. Their number is a compromise: each retry is ``history.RETRY`` events, and all lines of an execution wait at
once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from baton.plan import Retry, Step

# https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
LAMBDA_SERVICE_ERRORS = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
)
# The function died. The next delivery first reads in the record whether the work is done.
CRASHES = ("Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory")
TASK_TIMEOUT = "States.Timeout"
# Step Functions was too busy to start a child's execution, or to answer about it. Documentation and practice differ in
# the spelling of the limit; a name that never occurs does no harm.
STEP_FUNCTIONS_SERVICE_ERRORS = (
    "StepFunctions.AWSStepFunctionsException",
    "StepFunctions.ExecutionLimitExceeded",
    "StepFunctions.ExecutionLimitExceededException",
    "StepFunctions.SdkClientException",
    "StepFunctions.ServiceException",
    "StepFunctions.ThrottlingException",
)

# Another function of ours that a function calls is throttled or away, or an agent that is a Lambda function is.
THROTTLED = ("AgentThrottled",)
DATABASE_AWAY = ("StoreUnavailable",)
RESULT_LOST = ("ResultNotRecorded",)  # its Task enters its state again
# What a run with `continue_on_failure` goes on after. Every other error means that this execution must not go on.
FAILURES = ("StepExhausted", "StepFailed", *CRASHES, TASK_TIMEOUT)
CHILD_MOVED_ON = ("ChildMovedOn",)  # its Task prepares the child's next execution

OUTAGE_SECONDS = 6 * 3600
_FIRST_DELAY_SECONDS = 2
_MAX_DELAY_SECONDS = 900
_MAX_POLL_SECONDS = 30  # between two looks at an attempt of another delivery


def _waits(seconds: int) -> int:
    """How many retries it takes to wait for so long."""
    count, delay = 0, _FIRST_DELAY_SECONDS
    while seconds > 0:
        count, seconds, delay = count + 1, seconds - delay, min(2 * delay, _MAX_DELAY_SECONDS)
    return count


OUTAGE_RETRIES = _waits(OUTAGE_SECONDS)  # of one Task, in one outage


def of_work(step: Step) -> list[dict[str, Any]]:
    """The ``Retry`` of a step's Task.

    The record counts the automatic retries and raises ``StepExhausted`` when they are used up. ``MaxAttempts`` is one
    more than these, so the record always decides.
    """
    deliveries = step.retry.retry_count + 1
    return [
        _after_failure(["StepFailed"], step.retry, deliveries),
        _after_failure([*CRASHES, TASK_TIMEOUT], step.retry, deliveries),
        _while_another_delivery_works(step),
        *_service_retriers(),
    ]


def of_bookkeeping() -> list[dict[str, Any]]:
    """The ``Retry`` of a Task that only reads and writes the record. A repetition does no harm."""
    return [
        {"ErrorEquals": [*CRASHES, TASK_TIMEOUT], "IntervalSeconds": 2, "MaxAttempts": 5, "BackoffRate": 2},
        {
            "ErrorEquals": ["AttemptInProgress"],
            "IntervalSeconds": 2,
            "MaxAttempts": 10,
            "BackoffRate": 2,
            "MaxDelaySeconds": _MAX_POLL_SECONDS,
        },
        *_service_retriers(),
    ]


def of_expiry() -> list[dict[str, Any]]:
    """The ``Retry`` of the Task after a time-out. It may come a little too early, because the approval's time begins
    later than the Task's, and the approval function may be unavailable."""
    return [
        {
            "ErrorEquals": ["CheckpointNotExpired"],
            "IntervalSeconds": 2,
            "MaxAttempts": 10,
            "BackoffRate": 2,
            "MaxDelaySeconds": 30,
        },
        _waiting_for(["ApprovalUnavailable"]),
        *of_bookkeeping(),
    ]


def of_child() -> list[dict[str, Any]]:
    """The ``Retry`` of the Task that starts a child's execution and waits for it. A second start with the same name and
    input waits for a running execution. If the execution has ended, that is another error, without a retry, and the
    child's record has the result."""
    return [_waiting_for(STEP_FUNCTIONS_SERVICE_ERRORS)]


def of_waiting() -> list[dict[str, Any]]:
    """The ``Retry`` of a checkpoint's or gate's Task. A repetition stores another token, which is harmless. A time-out
    is no fault, so it is not retried."""
    return [
        {"ErrorEquals": list(CRASHES), "IntervalSeconds": 2, "MaxAttempts": 5, "BackoffRate": 2},
        *_service_retriers(),
    ]


def _after_failure(errors: list[str], retry: Retry, deliveries: int) -> dict[str, Any]:
    retrier: dict[str, Any] = {
        "ErrorEquals": errors,
        "IntervalSeconds": retry.initial_delay_seconds,
        "MaxAttempts": deliveries,
        "BackoffRate": float(retry.backoff_multiplier),  # the record gives a Decimal back
    }
    if retry.max_delay_seconds > retry.initial_delay_seconds:
        retrier["MaxDelaySeconds"] = retry.max_delay_seconds
    else:  # Step Functions needs a longest delay above the first, so only constant delays can keep this limit
        retrier["BackoffRate"] = 1.0
    return retrier


def _while_another_delivery_works(step: Step) -> dict[str, Any]:
    """Long enough for the other delivery to finish or for its lease to run out."""
    looks = math.ceil(step.timeout_seconds / _MAX_POLL_SECONDS) + 6
    return {
        "ErrorEquals": ["AttemptInProgress"],
        "IntervalSeconds": 2,
        "MaxAttempts": looks,
        "BackoffRate": 2,
        "MaxDelaySeconds": _MAX_POLL_SECONDS,
    }


def _service_retriers() -> list[dict[str, Any]]:
    return [_waiting_for(DATABASE_AWAY), _waiting_for((*LAMBDA_SERVICE_ERRORS, *THROTTLED))]


def _waiting_for(errors: Sequence[str]) -> dict[str, Any]:
    """Waits for the end of an outage."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": _FIRST_DELAY_SECONDS,
        "MaxAttempts": OUTAGE_RETRIES,
        "BackoffRate": 2,
        "MaxDelaySeconds": _MAX_DELAY_SECONDS,
    }
