"""Limits of Step Functions: the size of a state machine and the length of an execution's history."""

from __future__ import annotations

from baton.errors import BatonError
from baton.plan import MAX_ITEMS, Plan, Step

MAX_BYTES = 1_048_576
MAX_EVENTS = 25_000

_SUBSTITUTED_BYTES = 130  # by how much an ARN may be longer than the placeholder that stands for it

# Events of one pass through a state, retries aside:
_TASK, _WAITING_TASK, _CHOICE, _PARALLEL, _ITERATION = 5, 6, 2, 4, 2


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
    """Raises NotSupported if the history of an execution without retries would be too long.

    A ``for_each`` without a fixed list counts with ``MAX_ITEMS``, because the real number is known only at run time.
    """
    events = sum(_events(step) for step in plan.steps)
    if events > MAX_EVENTS:
        longest = max(plan.steps, key=_events)
        message = f"an execution would have about {events:,} events, and Step Functions ends it at {MAX_EVENTS:,}"
        path = ("orchestration", "steps", longest.index)
        raise NotSupported(f"{message}; move steps like `{longest.id}` into an orchestration of their own", path)


def _events(step: Step) -> int:
    events = _WAITING_TASK + _PARALLEL + _TASK
    if step.for_each is not None:
        items = len(step.for_each.items) if isinstance(step.for_each.items, list) else MAX_ITEMS
        events += 2 * _TASK + _PARALLEL + items * (_TASK + _ITERATION)
    if step.child is not None:
        events += 2 * _TASK + _CHOICE
    if step.checkpoint is not None:
        events += _WAITING_TASK + 2 * _CHOICE
    return events
