"""Deliverables: the documents that agents make."""

from __future__ import annotations

from typing import Any, TypedDict

from baton_client.arguments import segment
from baton_client.connection import Connection


class DeliverableLine(TypedDict):
    """A deliverable in a list, without its content."""

    id: str
    runId: str
    organization: str
    stepId: str
    attemptNumber: int
    agent: str
    type: str
    format: str
    name: str | None
    title: str
    createdAt: str


class Deliverable(DeliverableLine):
    """``content`` is text in the ``format``: ``json``, ``markdown``, ``csv`` …"""

    content: str
    metadata: dict[str, Any]


class Deliverables:
    """``client.deliverables``. ``Client`` names the errors of its methods."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, deliverable_id: str) -> Deliverable:
        return self._connection.get(f"/deliverables/{segment(deliverable_id, 'deliverable_id')}", Deliverable)

    def content(self, deliverable_id: str) -> str:
        """The content alone."""
        path = f"/deliverables/{segment(deliverable_id, 'deliverable_id')}/content"
        answer = self._connection.send("GET", path, headers={"Accept": "*/*"})
        self._connection.raise_refusal(answer)
        return answer.text
