"""Events of a run."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row, filled
from baton.api.views.omitted import Answer, Omitted, omitted_from, value_url
from baton.model import EventType
from baton.words import AnsweredWord


class Event(TypedDict):
    """An event in the same envelope as on the bus; `docs/events` has a schema for each type. `run` is the state of the
    run at that time, `data` has the details of the type."""

    version: Literal[1]
    id: UUID
    time: datetime
    sequence: int
    type: AnsweredWord[EventType]
    organization: str
    correlationId: UUID
    run: dict[str, Any]
    data: dict[str, Any]


class StreamedEvent(Event, Answer):
    """An event of the stream. The pointers of ``omitted`` begin at the event."""


def streamed_event(row: Row) -> StreamedEvent:
    return {**event(row), "omitted": omitted_from_event(row, "")}


def omitted_from_event(row: Row, at: str) -> list[Omitted]:
    """What an event that is shown at the pointer ``at`` leaves out."""
    return omitted_from(row, at, lambda path: value_url(row["run"]["id"], "events", row["sequence"], *path))


def event(row: Row) -> Event:
    """The same envelope as ``baton.event_envelope`` in the database, which is for the bus."""
    return filled(Event, row, version=1, time=row["created_at"], correlationId=row["run"]["rootRunId"])
