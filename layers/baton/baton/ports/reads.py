"""The filter of a list, the place where its next page begins, and the parts of a run that have pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from baton.model import RunStatus


class Cursor(NamedTuple):
    """The last row of the page before. Lists are in the order of the row's creation, and then of its id."""

    moment: datetime
    id: str


class RunPart(StrEnum):
    """Each is the name of its statement in ``store/reads.sql``."""

    STEPS = "steps"
    ITEMS = "run_items"
    ATTEMPTS = "run_attempts"
    APPROVALS = "run_reviews"
    PENDING_APPROVALS = "run_approvals"
    DELIVERABLES = "run_deliverables"


@dataclass(frozen=True)
class RunFilter:
    """Every field that is not None narrows the list: to runs created at ``created_after`` or later, and before
    ``created_before``."""

    organization: str | None = None
    statuses: Sequence[RunStatus] | None = None
    definition: str | None = None
    version: str | None = None
    parent: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
