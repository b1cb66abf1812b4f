"""Following a run: what happened since, at once if there is anything; else what happens within a few seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baton.errors import FieldProblem, Invalid
from baton.model import Principal
from baton.ports.stream import News

if TYPE_CHECKING:
    from baton.store.stream import Stream

HOLD_SECONDS = 10.0  # for news; a function may take 29
FIRST_PAUSE_SECONDS = 0.25  # between looks at the record; each pause is twice the one before …
MAX_PAUSE_SECONDS = 1.0  # … up to this
MAX_EVENTS = 1000


@dataclass(frozen=True)
class StreamSlice:
    """One answer: ``events`` as rows of the record. ``over``: the run has ended, and all events were told before.
    ``at_work``: more is to be expected soon; otherwise only people are awaited."""

    events: Sequence[Mapping[str, Any]]
    over: bool
    at_work: bool


class StreamRun:
    """``pause`` waits so many seconds; ``clock`` counts seconds from any moment on."""

    def __init__(self, news: Stream, pause: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._news = news
        self._pause = pause
        self._clock = clock

    def __call__(self, caller: Principal, run_id: str, after: int) -> StreamSlice:
        """What happened after the event with the sequence number ``after`` (0: everything). While something is at
        work and nothing is new, waits a few seconds for news.

        A run that failed can be taken up again, and a child run that was aborted with it, so an event that says so is
        not the end; that there is nothing after it, is.

        Raises:
            NotFound: there is no such run, or the caller is not a member of its organisation.
            Invalid: the run has no such event.
        """
        patience_ends = self._clock() + HOLD_SECONDS
        pause = FIRST_PAUSE_SECONDS
        while True:
            news = self._news(caller, run_id, after=after, limit=MAX_EVENTS)
            if after > news.last_sequence:
                raise _no_such_event(after, news)
            if news.events or not news.at_work:
                return StreamSlice(news.events, over=news.status.ended and not news.events, at_work=news.at_work)
            if self._clock() + pause > patience_ends:
                return StreamSlice((), over=False, at_work=True)
            self._pause(pause)
            pause = min(2 * pause, MAX_PAUSE_SECONDS)

    def permit(self, caller: Principal, run_id: str) -> None:
        """Raises NotFound unless the caller may follow the run."""
        self._news(caller, run_id, after=0, limit=0)


def _no_such_event(after: int, news: News) -> Invalid:
    message = f"must be the id of an event of this run (the last is {news.last_sequence}), not {after}"
    return Invalid("The request is not valid", [FieldProblem("Last-Event-ID", message)])
