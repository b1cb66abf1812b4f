"""Documents that agents made."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row, filled


class DeliverableLine(TypedDict):
    """A deliverable in a list, without its content."""

    id: UUID
    runId: UUID
    organization: str
    stepId: str
    attemptNumber: int
    agent: str
    type: str
    format: str
    name: str | None
    title: str
    createdAt: datetime


class Deliverable(DeliverableLine):
    content: str
    metadata: dict[str, Any]


def deliverable(row: Row) -> Deliverable:
    return filled(Deliverable, row)
