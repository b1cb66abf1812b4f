"""The state machine ``<stack>-launch``: one Task, which launches a run."""

from __future__ import annotations

import json
from typing import Any

from baton.compiler import calls, retries
from baton.model import LAUNCH_MACHINE

# A little more than the Task's retries wait for the end of an outage.
TIMEOUT_SECONDS = retries.OUTAGE_SECONDS + 3600
ANSWER = ("runId", "created", "executionArn")


def asl() -> dict[str, Any]:
    """The machine. The Task repeats a call that was throttled, or that did not reach the database; a repetition finds
    the run by its idempotency key. A refusal, ``LaunchRefused``, ends the execution."""
    return {
        "Comment": "Launches a run of an orchestration (docs/schedules.md)",
        "StartAt": LAUNCH_MACHINE,
        "States": {
            LAUNCH_MACHINE: {
                "Type": "Task",
                "Comment": "Launch a run",
                "Resource": calls.INVOKE,
                "Parameters": {
                    "FunctionName": "${LaunchFunctionArn}",
                    "Payload": {"launch.$": "$$.Execution.Input", "execution.$": "$$.Execution.Id"},
                },
                "ResultSelector": {f"{name}.$": f"$.Payload.{name}" for name in ANSWER},
                "TimeoutSeconds": calls.BOOKKEEPING_SECONDS,
                "Retry": retries.of_bookkeeping(),
                "End": True,
            }
        },
        "TimeoutSeconds": TIMEOUT_SECONDS,
    }


def asl_text() -> str:
    """The machine's text for the repository and for deployment."""
    return json.dumps(asl(), indent=2) + "\n"
