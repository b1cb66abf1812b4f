"""Does the work of a step. The Task states of all compiled machines call it; ``action`` names the work."""

from __future__ import annotations

from typing import Any, assert_never

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, invocation, logs, run_input
from baton.model import StepTask
from baton.ports.steps import Delivery

_step = bootstrap.step_function()


@logs.logged
@_step.outbox.delivers
@run_input.of_a_run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return the outcome of the step's work, or the outcome that the record has already."""
    task = StepTask(event["action"])
    delivery = Delivery.of_call(event, task)
    seconds_left = invocation.time_left(context)
    match task:
        case StepTask.RUN | StepTask.ITEM:
            return _step.run(delivery, seconds_left)
        case StepTask.EXPAND:
            return _step.expand(delivery, seconds_left)
        case StepTask.GATHER:
            return _step.gather(delivery, seconds_left)
        case StepTask.PREPARE:
            return _step.prepare(delivery, seconds_left)
        case StepTask.COLLECT:
            return _step.collect(delivery, seconds_left, event.get("child", {}))
        case StepTask.SETTLE:
            return _step.settle(delivery)
        case _:
            assert_never(task)
