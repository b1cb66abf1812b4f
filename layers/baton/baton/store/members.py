"""The members of organisations, in Postgres."""

from __future__ import annotations

from collections.abc import Sequence

from baton.ports.members import Member, Put, Removed, Standing
from baton.store import sql
from baton.store.database import Database, Row

_SQL = sql.load("members")


class MembersTable:
    """Implements ``ports.members.Members`` for the API's login. Every method is one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, *, user_id: str, organization: str) -> Standing | None:
        row = self._database.fetch_one(_SQL["standing"], {"user_id": user_id, "organization": organization})
        return None if row is None else Standing(frozenset(row["roles"]), person=row["kind"] == "person")

    def members(self, *, user_id: str, organization: str) -> list[Member]:
        rows = self._database.fetch_all(_SQL["members"], {"user_id": user_id, "organization": organization})
        return [_member(row) for row in rows]

    def put(self, *, user_id: str, organization: str, member_id: str, roles: Sequence[str]) -> Put | None:
        params = {"user_id": user_id, "organization": organization, "member_id": member_id, "roles": list(roles)}
        _, put = self._database.pipeline([(_SQL["lock_admins"], params), (_SQL["put_member"], params)])
        if not put:
            return None
        (row,) = put
        if row["outcome"] != "put":
            return Put(row["outcome"])
        return Put("put", _member(row), added=row["added"])

    def remove(self, *, user_id: str, organization: str, member_id: str) -> Removed | None:
        params = {"user_id": user_id, "organization": organization, "member_id": member_id}
        _, removed = self._database.pipeline([(_SQL["lock_admins"], params), (_SQL["remove_member"], params)])
        return removed[0]["outcome"] if removed else None


def _member(row: Row) -> Member:
    return Member(str(row["user_id"]), row["organization"], tuple(row["roles"]), row["created_at"])
