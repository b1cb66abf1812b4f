"""The people of an organisation, and what they may do there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Standing:
    """What a caller is in an organisation. ``person`` is False for the bearer of a service token."""

    roles: frozenset[str]
    person: bool


@dataclass(frozen=True)
class Member:
    user_id: str
    organization: str
    roles: Sequence[str]
    created_at: datetime


@dataclass(frozen=True)
class Put:
    """``put``: done, with the member as they are now and whether they were ``added``. ``last_admin``: no person would
    be left who is admin. ``machine``: the id is a service token's."""

    outcome: Literal["put", "last_admin", "machine"]
    member: Member | None = None
    added: bool = False


Removed = Literal["removed", "not_found", "last_admin", "machine"]
