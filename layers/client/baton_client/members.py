"""The members of an organisation, for its admins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from baton_client.connection import Connection, segment


class Member(TypedDict):
    """``userId`` is the subject (`sub`) of the member's tokens. ``roles`` are some of ``viewer``, ``operator``,
    ``approver``, ``admin``; no role includes another."""

    userId: str
    organization: str
    roles: list[str]
    createdAt: str


class Members:
    """``client.members``. The default of ``organization`` is the client's. Raises (all methods): Unreachable, Refused,
    OrganizationMissing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, organization: str | None = None) -> Sequence[Member]:
        members: Sequence[Member] = self._connection.get(self._path(organization))["members"]
        return members

    def put(self, user_id: str, roles: Iterable[str], *, organization: str | None = None) -> Member:
        """Add a member, or replace a member's roles."""
        path = f"{self._path(organization)}/{segment(user_id)}"
        member: Member = self._connection.put(path, {"roles": sorted(set(roles))})
        return member

    def remove(self, user_id: str, *, organization: str | None = None) -> None:
        """Remove a member. The record keeps the member's actions."""
        self._connection.delete(f"{self._path(organization)}/{segment(user_id)}")

    def _path(self, organization: str | None) -> str:
        return f"/organizations/{segment(self._connection.organization(organization))}/members"
