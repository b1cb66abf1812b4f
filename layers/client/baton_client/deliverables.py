"""Deliverables: the documents that agents make."""

from __future__ import annotations

from typing import Any, TypedDict

from baton_client.arguments import segment
from baton_client.connection import Connection
from baton_client.contents import Contents, FittedAnswer


class DeliverableLine(TypedDict):
    """A deliverable in a list, without its content."""

    id: str
    runId: str
    organization: str
    stepId: str
    attemptNumber: int
    agent: str
    type: str | None
    format: str | None
    name: str | None
    title: str | None
    createdAt: str


class Deliverable(DeliverableLine):
    """``content`` is text in the ``format``: ``json``, ``markdown``, ``csv`` …"""

    content: str | None
    metadata: dict[str, Any] | None


class DeliverableAnswer(Deliverable, FittedAnswer):
    """A deliverable with what the answer leaves out."""


class Deliverables:
    """``client.deliverables``. ``Client`` names the errors of its methods."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._contents = Contents(connection)

    def get(self, deliverable_id: str) -> DeliverableAnswer:
        return self._connection.get(f"/deliverables/{segment(deliverable_id, 'deliverable_id')}", DeliverableAnswer)

    def content(self, deliverable_id: str) -> str:
        """The content alone, however large."""
        return self._content(deliverable_id, "content")

    def content_by_name(self, deliverable_id: str, name: str) -> str:
        """The content of the deliverable of this ``name`` in the same answer, however large."""
        return self._content(deliverable_id, name)

    def _content(self, deliverable_id: str, name: str) -> str:
        path = f"/deliverables/{segment(deliverable_id, 'deliverable_id')}/{segment(name, 'name')}"
        return self._contents.get(path).decode()
