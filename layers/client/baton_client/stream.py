"""A run's events as they happen (docs/following.md): server-sent events, one answer after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Literal, TypedDict, cast

import httpx
import httpx_sse

from baton_client import exact_json
from baton_client.answer_check import fault_of
from baton_client.arguments import segment
from baton_client.connection import LAST_EVENT_ID, Connection, media_type
from baton_client.contents import FittedAnswer
from baton_client.vocabulary import EventType

EVENT_STREAM = "text/event-stream"
MAX_ABSENCE_SECONDS = 60.0  # of a deployment, while a client follows a run
RETRY_SECONDS = 3.0  # until the stream sends another number


class Event(TypedDict):
    """An event of a run. ``sequence`` counts from 1; ``run`` is the state of the run at that time; ``data`` are the
    details of the ``type``."""

    version: Literal[1]
    id: str
    time: str
    sequence: int
    type: EventType
    organization: str
    correlationId: str
    run: dict[str, Any]
    data: dict[str, Any]


class FittedEvent(Event, FittedAnswer):
    """An event without its large values. The pointers of ``omitted`` begin at the event."""


class StreamTicket(TypedDict):
    """Opens the stream of one run in a browser, until ``expiresAt``."""

    ticket: str
    expiresAt: str
    streamUrl: str


class RunStream:
    """The stream of one run, read answer by answer.

    ``last_event_id`` is the sequence number of the last event that it read. Wait ``retry_seconds`` before the next
    ``read``.
    """

    def __init__(self, connection: Connection, run_id: str, last_event_id: int | None = None) -> None:
        self.last_event_id = last_event_id
        self.retry_seconds = RETRY_SECONDS
        self._connection = connection
        self._path = f"/orchestrations/runs/{segment(run_id, 'run_id')}/status/stream"
        self._retry_policy = connection.retry_policy

    def read(self) -> list[FittedEvent] | None:
        """The events of one answer, or None when the run has ended and there are no further events.

        An incomplete message is dropped; the next ``read`` asks for it again. After its first answer, a deployment may
        be absent for a minute. Raises what ``Client`` names.
        """
        last = {} if self.last_event_id is None else {LAST_EVENT_ID: str(self.last_event_id)}
        answer = self._connection.send(
            "GET", self._path, headers={"Accept": EVENT_STREAM, **last}, retry_policy=self._retry_policy
        )
        if answer.status_code == HTTPStatus.NO_CONTENT:
            return None
        self._connection.raise_refusal(answer)
        if answer.status_code != HTTPStatus.OK or media_type(answer) != EVENT_STREAM:
            raise self._connection.foreign_answer_error(answer, "no events")
        self._retry_policy = replace(self._retry_policy, seconds=max(self._retry_policy.seconds, MAX_ABSENCE_SECONDS))
        return list(self._events(answer))

    def follow(self) -> Iterator[FittedEvent]:
        """Each event once, until the run has ended. Raises what ``Client`` names."""
        while (events := self.read()) is not None:
            yield from events
            self._connection.sleep(self.retry_seconds)

    def _events(self, answer: httpx.Response) -> Iterator[FittedEvent]:
        for message in httpx_sse.EventSource(answer).iter_sse():
            if message.retry is not None and message.retry >= 0:
                self.retry_seconds = message.retry / 1000
            if message.data:  # a message with `retry` alone has none
                event = self._event(answer, message.data)
                self.last_event_id = event["sequence"]
                yield event

    def _event(self, answer: httpx.Response, data: str) -> FittedEvent:
        """The event of one message. Raises Unreachable for data of another program."""
        try:
            event = exact_json.loads(data)
        except ValueError:
            raise self._connection.foreign_answer_error(answer, "an event that is no JSON") from None
        if fault := fault_of(event, FittedEvent):
            raise self._connection.foreign_answer_error(answer, f"an event of {fault}")
        if type(event["sequence"]) is not int:
            raise self._connection.foreign_answer_error(answer, "an event whose sequence is no whole number")
        return cast(FittedEvent, event)


class Stream:
    """``client.stream``. ``Client`` names the errors of its methods."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def follow(self, run_id: str, last_event_id: int | None = None) -> Iterator[FittedEvent]:
        """The events of a run after ``last_event_id`` (default: all), each once, as they happen, until the run has
        ended. A lost connection is opened again; the deployment may be absent for a minute."""
        return self.open(run_id, last_event_id).follow()

    def open(self, run_id: str, last_event_id: int | None = None) -> RunStream:
        """The same stream, for a caller that does other work between two answers."""
        return RunStream(self._connection, run_id, last_event_id)

    def create_ticket(self, run_id: str) -> StreamTicket:
        """A ticket for a browser that follows the run."""
        path = f"/orchestrations/runs/{segment(run_id, 'run_id')}/status/stream/ticket"
        return self._connection.post(path, StreamTicket)
