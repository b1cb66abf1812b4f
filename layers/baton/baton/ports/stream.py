"""What following a run asks of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from baton.model import Principal, RunStatus


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


class RunNews(Protocol):
    def __call__(self, caller: Principal, run_id: str, *, after: int, limit: int) -> News:
        """At most ``limit`` events with a sequence number greater than ``after``, in order; one round trip.

        Raises:
            NotFound: there is no such run, or the caller is not a member of its organisation.
        """
        ...
