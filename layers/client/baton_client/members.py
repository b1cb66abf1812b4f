"""The members of an organisation, for its admins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from baton_client.arguments import segment
from baton_client.connection import Connection
from baton_client.vocabulary import Role


class Member(TypedDict):
    """``userId`` is the subject (`sub`) of the member's tokens. ``roles`` are some of ``viewer``, ``operator``,
    ``approver``, ``admin``; no role includes another."""

    userId: str
    organization: str
    roles: list[Role]
    createdAt: str


class _Members(TypedDict):
    members: list[Member]
    nextCursor: str | None


class Members:
    """``client.members``. The default of ``organization`` is the client's. Raises (all methods): the errors
    that ``Client`` names, and OrganizationMissing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, organization: str | None = None) -> Sequence[Member]:
        pages = self._connection.pages(self._path(organization), _Members)
        return [member for page in pages for member in page["members"]]

    def put(self, user_id: str, roles: Iterable[Role], *, organization: str | None = None) -> Member:
        """Add a member, or replace a member's roles."""
        path = f"{self._path(organization)}/{segment(user_id, 'user_id')}"
        return self._connection.put(path, Member, {"roles": sorted(set(roles))})

    def remove(self, user_id: str, *, organization: str | None = None) -> None:
        """Remove a member. The record keeps the member's actions."""
        self._connection.remove(f"{self._path(organization)}/{segment(user_id, 'user_id')}")

    def _path(self, organization: str | None) -> str:
        return f"/organizations/{segment(self._connection.organization(organization), 'organization')}/members"
