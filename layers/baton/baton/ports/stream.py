"""What the stream of a run reads from the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baton.model import RunStatus


@dataclass(frozen=True)
class News:
    """The status of a run, and its events after some sequence number.

    ``at_work``: something other than a person works on the run or on a child run, so there will be news soon.
    ``last_sequence`` is the number of its last event, ``events`` are rows for ``api.views.events``.
    """

    status: RunStatus
    at_work: bool
    last_sequence: int
    events: Sequence[Mapping[str, Any]]
