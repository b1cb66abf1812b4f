"""The members of organisations, in Postgres."""

from __future__ import annotations

from collections.abc import Sequence

from baton.connection import Row
from baton.model import MemberKind, PutMemberOutcome, RemoveMemberOutcome, Role
from baton.ports.members import Member, Membership, PutResult
from baton.ports.reads import Cursor
from baton.store import sql
from baton.store.database import Database
from baton.store.functions import Function, row_of

_SQL = sql.load("members")
_PUT = Function("put_member", user_id="uuid", organization="text", member_id="uuid", roles="text[]")
_REMOVE = Function("remove_member", user_id="uuid", organization="text", member_id="uuid")


class MembersTable:
    """For the API's login. A method is one round trip. All but ``membership`` check the caller's role again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def membership(self, *, user_id: str, organization: str) -> Membership | None:
        """The caller's membership of the organisation; None if they are not a member."""
        row = self._database.fetch_one(_SQL["membership"], {"user_id": user_id, "organization": organization})
        if row is None:
            return None
        return Membership(frozenset(map(Role, row["roles"])), person=MemberKind(row["kind"]) is MemberKind.PERSON)

    def members(
        self, *, user_id: str, organization: str, cursor: Cursor | None = None, limit: int | None = None
    ) -> list[Member]:
        """The oldest membership first. The list is empty if the caller is not an admin there."""
        place = {"after_at": cursor and cursor.moment, "after_id": cursor and cursor.id, "limit": limit}
        rows = self._database.fetch_all(_SQL["members"], {"user_id": user_id, "organization": organization, **place})
        return [_member(row) for row in rows]

    def put(self, *, user_id: str, organization: str, member_id: str, roles: Sequence[str]) -> PutResult | None:
        """Adds a member or replaces their roles. None if the caller is not an admin there."""
        answer = _PUT(
            self._database, user_id=user_id, organization=organization, member_id=member_id, roles=list(roles)
        )
        if answer is None:
            return None
        outcome, member = PutMemberOutcome(answer["outcome"]), answer.get("member")
        return PutResult(outcome, member and _member(row_of(member)), added=answer.get("added", False))

    def remove(self, *, user_id: str, organization: str, member_id: str) -> RemoveMemberOutcome | None:
        """Removes a member. None if the caller is not an admin there."""
        answer = _REMOVE(self._database, user_id=user_id, organization=organization, member_id=member_id)
        return None if answer is None else RemoveMemberOutcome(answer["outcome"])


def _member(row: Row) -> Member:
    return Member(str(row["user_id"]), row["organization"], tuple(map(Role, row["roles"])), row["created_at"])
