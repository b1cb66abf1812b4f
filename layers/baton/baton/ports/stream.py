"""What following a run asks of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baton.model import RunStatus


@dataclass(frozen=True)
class News:
    """How a run stands, and what happened to it after some sequence number.

    ``at_work``: something but a person is at work on it or on a child run below it, so there will soon be news.
    ``last_sequence`` is that of its last event, ``events`` are rows as ``api.views.event`` reads them.
    """

    status: RunStatus
    at_work: bool
    last_sequence: int
    events: Sequence[Mapping[str, Any]]
