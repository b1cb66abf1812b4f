"""The members of an organisation, and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from baton.model import PutMemberOutcome, Role


@dataclass(frozen=True)
class Membership:
    """A caller's roles in an organisation. ``person`` is False for a machine, such as the bearer of a service token."""

    roles: frozenset[Role]
    person: bool


@dataclass(frozen=True)
class Member:
    user_id: str
    organization: str
    roles: Sequence[Role]
    created_at: datetime


@dataclass(frozen=True)
class PutResult:
    """With the outcome ``put``: the member after the change, and whether they are new (``added``)."""

    outcome: PutMemberOutcome
    member: Member | None = None
    added: bool = False
