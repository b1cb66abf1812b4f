"""Which errors are worth another try, and when.

The names are the class names of ``baton.errors`` (a Lambda function reports its exception's class name) and those that
Lambda and Step Functions raise themselves. What is not listed here is not retried: ``StepExhausted``, ``RunEnded``,
``StaleGeneration``, ``WrongMachine``, ``StepNotReady`` and every bug end the execution.
"""

from __future__ import annotations

import math
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
# The function died on the way. Whether its work is done stands in the record, which the next delivery reads first.
CRASHES = ("Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory")
TASK_TIMEOUT = "States.Timeout"
# Step Functions was too busy to start a child's execution, or to tell how it stands. Documentation and practice differ
# in how they spell the limit; a name that is never raised does no harm.
STEP_FUNCTIONS_SERVICE_ERRORS = (
    "StepFunctions.AWSStepFunctionsException",
    "StepFunctions.ExecutionLimitExceeded",
    "StepFunctions.ExecutionLimitExceededException",
    "StepFunctions.SdkClientException",
    "StepFunctions.ServiceException",
    "StepFunctions.ThrottlingException",
)

_MAX_POLL_SECONDS = 30  # seconds between two looks at an attempt that somebody else works on


def of_work(step: Step) -> list[dict[str, Any]]:
    """The ``Retry`` of a step's Task.

    The record counts the automatic budget and raises ``StepExhausted`` when it is used up. ``MaxAttempts`` is one more
    than the budget, so that it is always the record that has the last word.
    """
    deliveries = step.retry.retry_count + 1
    return [
        _after_failure(["StepFailed"], step.retry, deliveries),
        _after_failure([*CRASHES, TASK_TIMEOUT], step.retry, deliveries),
        _while_another_delivery_works(step),
        *_service_retriers(),
    ]


def of_bookkeeping() -> list[dict[str, Any]]:
    """The ``Retry`` of a Task that only reads and writes the record, which it may do any number of times."""
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
    """The ``Retry`` of the Task that asks for a decision which nobody took: it may come a little before the approval's
    own time, whose clock began when the function had started, and the approval function may be away."""
    return [
        {
            "ErrorEquals": ["CheckpointNotExpired", "ApprovalUnavailable"],
            "IntervalSeconds": 2,
            "MaxAttempts": 10,
            "BackoffRate": 2,
            "MaxDelaySeconds": 30,
        },
        *of_bookkeeping(),
    ]


def of_child() -> list[dict[str, Any]]:
    """The ``Retry`` of the Task that starts a child's execution and waits for it. Started again under the same name and
    with the same input, one that runs is waited for; one that has ended is an error of its own, not listed here, and
    the child's record says what came of it."""
    return [_of_service(STEP_FUNCTIONS_SERVICE_ERRORS)]


def of_waiting() -> list[dict[str, Any]]:
    """The ``Retry`` of a checkpoint's or gate's Task: storing another token is harmless, a time-out is no fault."""
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
    else:  # Step Functions wants it above the first, so that only waits that do not grow can keep to it
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
    return [
        {
            "ErrorEquals": ["StoreUnavailable"],
            "IntervalSeconds": 1,
            "MaxAttempts": 8,
            "BackoffRate": 2,
            "MaxDelaySeconds": 30,
        },
        _of_service(LAMBDA_SERVICE_ERRORS),
    ]


def _of_service(errors: tuple[str, ...]) -> dict[str, Any]:
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": 2,
        "MaxAttempts": 6,
        "BackoffRate": 2,
        "JitterStrategy": "FULL",
    }
