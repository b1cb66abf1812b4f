"""What a caller may narrow a list to, and where its next page begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from baton.model import RunStatus


class Cursor(NamedTuple):
    """The last row of the page before: lists are ordered by the moment a row was made, and among equals by its id."""

    moment: datetime
    id: str


@dataclass(frozen=True)
class RunFilter:
    """Every part that is not None narrows the list. ``created_after`` is the first moment that is in it,
    ``created_before`` the first that is not."""

    organization: str | None = None
    statuses: Sequence[RunStatus] | None = None
    definition: str | None = None
    version: str | None = None
    parent: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
