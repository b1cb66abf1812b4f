"""Documents that agents made."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row


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
    title: str
    createdAt: datetime


class Deliverable(DeliverableLine):
    content: str
    metadata: dict[str, Any]


def deliverable_line(row: Row) -> DeliverableLine:
    return {
        "id": row["id"],
        "runId": row["run_id"],
        "organization": row["organization"],
        "stepId": row["step_id"],
        "attemptNumber": row["attempt_number"],
        "agent": row["agent_slug"],
        "type": row["type"],
        "format": row["format"],
        "title": row["title"],
        "createdAt": row["created_at"],
    }


def deliverable(row: Row) -> Deliverable:
    return {**deliverable_line(row), "content": row["content"], "metadata": row["metadata"]}
