"""Limits of Step Functions: the size of a state machine and the length of an execution's history."""

from __future__ import annotations

from baton import history
from baton.compiler import retries
from baton.compiler.order import members, order_of, width
from baton.errors import BatonError
from baton.model import Decision
from baton.plan import ForEach, Plan, Step

MAX_BYTES = 1_048_576
HUMAN_RETRIES = 1  # at each checkpoint that offers a retry, in the estimate

_SUBSTITUTED_BYTES = 130  # an ARN has at most so many bytes more than its placeholder


class NotSupported(BatonError):
    """The definition is valid, but too large for Step Functions. ``path`` is the place in the file."""

    def __init__(self, message: str, path: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.path = path


def check_size(text: str) -> None:
    """Raises NotSupported if the machine's text, with real ARNs, is too large for Step Functions."""
    size = len(text.encode()) + text.count("${") * _SUBSTITUTED_BYTES
    if size > MAX_BYTES:
        message = f"the state machine has {size:,} bytes, and Step Functions takes {MAX_BYTES:,}"
        raise NotSupported(f"{message}; move some steps into an orchestration of their own", ("orchestration", "steps"))


def check_history(plan: Plan) -> None:
    """Raises NotSupported if the history of an execution could be too long."""
    events = events_of(plan)
    if events > history.MAX_EVENTS:
        longest = max(plan.steps, key=_events)
        message = f"an execution could have {events:,} events, and Step Functions ends it at {history.MAX_EVENTS:,}"
        advice = f"move steps like `{longest.id}` into an orchestration of their own"
        if longest.for_each is not None:
            advice = f"give `{longest.id}` a smaller `max_items`, or {advice}"
        raise NotSupported(f"{message}; {advice}", ("orchestration", "steps", longest.index))


def events_of(plan: Plan) -> int:
    """An estimate of the events of an execution.

    It counts every automatic retry, ``HUMAN_RETRIES`` at each checkpoint that offers one, and one outage of Lambda
    or the database that all lines wait for. A ``for_each`` over a reference counts with its ``max_items``. The
    record counts events that the estimate cannot know, such as further retries by people (see ``history``).
    """
    return sum(_events(step) for step in plan.steps) + _events_of_an_outage(plan)


def _events(step: Step) -> int:
    """The events of the step with all its retries."""
    work = history.TASK + history.RETRY * step.retry.retry_count
    events = history.WAITING_TASK + history.PARALLEL + work
    if step.for_each is not None:
        events += 2 * history.TASK + history.MAP + _items(step.for_each) * (work + history.ITERATION)
    if step.child is not None:
        events += 2 * history.TASK + history.CHOICE + history.WAITING_TASK
    if step.continue_on_failure or step.on_child_failure.lets_parent_go_on:
        events += history.TASK
    checkpoint = step.checkpoint
    if checkpoint is None:
        return events
    events += history.WAITING_TASK + 2 * history.CHOICE + history.TASK  # and the Task after a time-out
    return events if checkpoint.option(Decision.RETRY) is None else events * (1 + HUMAN_RETRIES)


def _items(for_each: ForEach) -> int:
    return len(for_each.items) if isinstance(for_each.items, list) else for_each.max_items


def _events_of_an_outage(plan: Plan) -> int:
    """The events of the retries with which all lines of the execution wait for the end of an outage."""
    return _lines(plan) * retries.OUTAGE_RETRIES * history.RETRY


def _lines(plan: Plan) -> int:
    """An upper bound of the number of Tasks at once: each step is one, a ``for_each`` as many as items run at once."""
    order = order_of(plan)
    more = {step.index: step.for_each.at_once - 1 for step in plan.steps if step.for_each is not None}
    beside = (sum(more.get(other, 0) for other in members(order.incomparable(index))) for index in more)
    return width(order) + max((more[index] + others for index, others in zip(more, beside, strict=True)), default=0)
