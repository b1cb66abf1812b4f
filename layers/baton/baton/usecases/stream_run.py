"""Follow a run: answer its new events, at once if there are any, else after a wait of a few seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baton.errors import FieldProblem, Invalid
from baton.model import Principal
from baton.ports.stream import News

if TYPE_CHECKING:
    from baton.store.stream import Stream

MAX_WAIT_SECONDS = 10.0  # for new events; the function may take 29 seconds
FIRST_PAUSE_SECONDS = 0.25  # between two reads of the record; each further pause is twice as long
MAX_PAUSE_SECONDS = 1.0
MAX_EVENTS = 1000  # of one answer


@dataclass(frozen=True)
class StreamSlice:
    """One answer: ``events`` as rows of the record. ``over``: the run has ended, and the client has all events.
    ``at_work``: there will be more events soon; False if the run waits for people only."""

    events: Sequence[Mapping[str, Any]]
    over: bool
    at_work: bool


class StreamRun:
    """``pause`` waits that many seconds; ``clock`` answers seconds since some fixed moment."""

    def __init__(self, news: Stream, pause: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._news = news
        self._pause = pause
        self._clock = clock

    def __call__(self, caller: Principal, run_id: str, after: int) -> StreamSlice:
        """The events after the one with the sequence number ``after`` (0: all events). If there are none and the run is
        at work, waits up to ``MAX_WAIT_SECONDS`` for the next.

        An event such as ``run.failed`` is not the end, because an operator can retry the run. The answer is ``over``
        when the run has ended and no event follows.

        Raises:
            NotFound: there is no such run, or the caller is not a member of its organisation.
            Invalid: the run has no such event.
        """
        deadline = self._clock() + MAX_WAIT_SECONDS
        pause = FIRST_PAUSE_SECONDS
        while True:
            news = self._news(caller, run_id, after=after, limit=MAX_EVENTS)
            if after > news.last_sequence:
                raise _no_such_event(after, news)
            if news.events or not news.at_work:
                return StreamSlice(news.events, over=news.status.ended and not news.events, at_work=news.at_work)
            if self._clock() + pause > deadline:
                return StreamSlice((), over=False, at_work=True)
            self._pause(pause)
            pause = min(2 * pause, MAX_PAUSE_SECONDS)

    def permit(self, caller: Principal, run_id: str) -> None:
        """Raises NotFound unless the caller may follow the run."""
        self._news(caller, run_id, after=0, limit=0)


def _no_such_event(after: int, news: News) -> Invalid:
    message = f"must be the id of an event of this run (the last is {news.last_sequence}), not {after}"
    return Invalid("The request is not valid", [FieldProblem("Last-Event-ID", message)])
