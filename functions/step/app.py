"""The work of a step: called by the Task states of every compiled machine, which say what they want by `action`."""

from __future__ import annotations

import uuid
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs
from baton.ports.steps import Delivery

_step = bootstrap.step_function()


@logs.logged
@_step.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answers with the step's outcome, from its work or from the record."""
    delivery = _delivery(event, works=event["action"] in ("run", "item"))
    if (action := event["action"]) == "settle":
        return _step.settle(delivery)
    use_case = _step.run if action == "item" else getattr(_step, action)
    more = {"caught": event.get("child", {}).get("caught")} if action == "collect" else {}
    return dict(use_case(delivery, lambda: context.get_remaining_time_in_millis() / 1000, **more))


def _delivery(event: dict[str, Any], *, works: bool) -> Delivery:
    """Every call that works is its own; those around the work of others (items, a child) are one of an execution."""
    execution = event["execution"]
    step_id = event["step_id"] + (f"[{event['item_index']}]" if "item_index" in event else "")
    return Delivery(
        run_id=event["run_id"],
        step_id=step_id,
        generation=event["generation"],
        execution=execution,
        digest=event["digest"],
        attempt_key="|".join([execution, step_id, event["entered_at"], str(event["retry_count"])]),
        delivery_id=str(uuid.uuid4() if works else uuid.uuid5(uuid.UUID(event["run_id"]), f"{execution} {step_id}")),
    )
