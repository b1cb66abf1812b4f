"""Documents that agents made."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row, filled
from baton.api.views.omitted import Answer, Omitted, Path, omitted_from, value_url


class DeliverableLine(TypedDict):
    """A deliverable in a list, without its content."""

    id: UUID
    runId: UUID
    organization: str
    stepId: str
    attemptNumber: int
    agent: str
    type: str | None
    format: str | None
    name: str | None
    title: str | None
    createdAt: datetime


class Deliverable(DeliverableLine):
    content: str | None
    metadata: dict[str, Any] | None


class DeliverableAnswer(Deliverable, Answer):
    pass


def deliverable(row: Row) -> DeliverableAnswer:
    return filled(DeliverableAnswer, row, omitted=omitted_from_deliverable(row, ""))


def omitted_from_deliverable(row: Row, at: str) -> list[Omitted]:
    """What a deliverable that is shown at the pointer ``at`` leaves out."""

    def url(path: Path) -> str:
        if path[0] == "content":
            return f"/deliverables/{row['id']}/content"
        return value_url(row["run_id"], "deliverables", row["id"], *path)

    return omitted_from(row, at, url)
