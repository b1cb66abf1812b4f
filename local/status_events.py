"""The events that Step Functions sends to EventBridge: one when an execution begins, one when it ends."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from moto.events.models import events_backends
from moto.events.utils import EventMessageType
from moto.stepfunctions.parser.backend.execution import Execution

DETAIL_TYPE = "Step Functions Execution Status Change"


def publish(execution: Execution) -> None:
    """Send the event of the execution's status to the targets of all rules of the default bus."""
    event = status_event(execution)
    bus = events_backends[execution.account_id][execution.region_name].event_buses["default"]
    for rule in list(bus.rules.values()):
        rule.send_to_targets(event)


def status_event(execution: Execution) -> EventMessageType:
    """The event as EventBridge delivers it. Times in ``detail`` are milliseconds since 1970."""
    described = execution.to_describe_output()
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": DETAIL_TYPE,
        "source": "aws.states",
        "account": execution.account_id,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": execution.region_name,
        "resources": [described["executionArn"]],
        "detail": {
            "executionArn": described["executionArn"],
            "stateMachineArn": described["stateMachineArn"],
            "name": described["name"],
            "status": described["status"].value,
            "startDate": _milliseconds(described["startDate"]),
            "stopDate": _milliseconds(described.get("stopDate")),
            "input": described["input"],
            "output": described.get("output"),
            "error": described.get("error"),
            "cause": described.get("cause"),
        },
    }


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
