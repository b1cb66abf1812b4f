"""The members of organisations, in Postgres."""

from __future__ import annotations

from collections.abc import Sequence

from baton.connection import Row
from baton.ports.members import Member, Put, Removed, Standing
from baton.store import sql
from baton.store.database import Database
from baton.store.functions import Function, row_of

_SQL = sql.load("members")
_PUT = Function("put_member", user_id="uuid", organization="text", member_id="uuid", roles="text[]")
_REMOVE = Function("remove_member", user_id="uuid", organization="text", member_id="uuid")


class MembersTable:
    """For the API's login. A method is one round trip; all but ``standing`` ask for the caller's role again in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, *, user_id: str, organization: str) -> Standing | None:
        """None if the caller is not a member."""
        row = self._database.fetch_one(_SQL["standing"], {"user_id": user_id, "organization": organization})
        return None if row is None else Standing(frozenset(row["roles"]), person=row["kind"] == "person")

    def members(self, *, user_id: str, organization: str) -> list[Member]:
        """In the order in which they came. None at all unless the caller is admin there."""
        rows = self._database.fetch_all(_SQL["members"], {"user_id": user_id, "organization": organization})
        return [_member(row) for row in rows]

    def put(self, *, user_id: str, organization: str, member_id: str, roles: Sequence[str]) -> Put | None:
        """Adds somebody or replaces their roles. None if the caller is not admin there."""
        put = _PUT(self._database, user_id=user_id, organization=organization, member_id=member_id, roles=list(roles))
        if put is None:
            return None
        if put["outcome"] != "put":
            return Put(put["outcome"])
        return Put("put", _member(row_of(put["member"])), added=put["added"])

    def remove(self, *, user_id: str, organization: str, member_id: str) -> Removed | None:
        """None if the caller is not admin there."""
        removed = _REMOVE(self._database, user_id=user_id, organization=organization, member_id=member_id)
        return None if removed is None else removed["outcome"]


def _member(row: Row) -> Member:
    return Member(str(row["user_id"]), row["organization"], tuple(row["roles"]), row["created_at"])
