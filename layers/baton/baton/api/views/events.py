"""What happened to a run, in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row


class Event(TypedDict):
    id: UUID
    runId: UUID
    sequence: int
    type: str
    data: dict[str, Any]
    createdAt: datetime


def event(row: Row) -> Event:
    return {
        "id": row["id"],
        "runId": row["run_id"],
        "sequence": row["sequence"],
        "type": row["type"],
        "data": row["data"],
        "createdAt": row["created_at"],
    }
