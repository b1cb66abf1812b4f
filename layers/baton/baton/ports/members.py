"""The people of an organisation, and what they may do there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from baton.model import PutMemberOutcome, RemoveMemberOutcome, Role


@dataclass(frozen=True)
class Standing:
    """What a caller is in an organisation. ``person`` is False for the bearer of a service token."""

    roles: frozenset[Role]
    person: bool


@dataclass(frozen=True)
class Member:
    user_id: str
    organization: str
    roles: Sequence[Role]
    created_at: datetime


@dataclass(frozen=True)
class Put:
    """With the outcome ``put``, the member as they are now and whether they were ``added``."""

    outcome: PutMemberOutcome
    member: Member | None = None
    added: bool = False


Removed = RemoveMemberOutcome


class Standings(Protocol):
    def standing(self, *, user_id: str, organization: str) -> Standing | None:
        """None if the caller is not a member."""
        ...


class Members(Standings, Protocol):
    """Every method but ``standing`` asks for the caller's role again, in the statement that reads or writes."""

    def members(self, *, user_id: str, organization: str) -> Sequence[Member]:
        """In the order in which they came. None at all unless the caller is admin there."""
        ...

    def put(self, *, user_id: str, organization: str, member_id: str, roles: Sequence[str]) -> Put | None:
        """Adds somebody or replaces their roles. None if the caller is not admin there."""
        ...

    def remove(self, *, user_id: str, organization: str, member_id: str) -> Removed | None:
        """None if the caller is not admin there."""
        ...
