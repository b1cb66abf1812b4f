"""Does the work of a step. The Task states of all compiled machines call it; ``action`` names the work."""

from __future__ import annotations

import uuid
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap
from baton.ports.steps import Delivery

_step = bootstrap.step_function()


@_step.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return the outcome of the step's work, or the outcome that the record has already."""
    action = event["action"]
    delivery = _delivery(event, works=action in ("run", "item"))
    if action == "settle":
        return _step.settle(delivery)
    use_case = _step.run if action == "item" else getattr(_step, action)
    more = {"caught": event.get("child", {}).get("caught")} if action == "collect" else {}
    return dict(use_case(delivery, lambda: context.get_remaining_time_in_millis() / 1000, **more))


def _delivery(event: dict[str, Any], *, works: bool) -> Delivery:
    """Each call that works is a new delivery; calls around the work of items or a child share one in an execution."""
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
