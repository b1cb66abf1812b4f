"""The members of an organisation: list them, add them, change their roles, remove them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from baton.errors import Conflict, NotFound
from baton.model import Principal, PutMemberOutcome, RemoveMemberOutcome
from baton.ports.members import Member
from baton.ports.reads import Cursor
from baton.usecases.administration import administrator, refuse_former_admin, role_set

if TYPE_CHECKING:
    from baton.store.members import MembersTable


@dataclass(frozen=True)
class ManageMembers:
    """Every method needs the role admin. An organisation always has a person who is admin; machines do not count.

    Raises (all):
        NotFound: there is no such organisation, or the caller is not a member of it.
        Forbidden: the caller is not an admin there.
    """

    record: MembersTable

    def list(
        self, caller: Principal, organization: str, *, cursor: Cursor | None = None, limit: int | None = None
    ) -> Sequence[Member]:
        """The members, the oldest membership first."""
        administrator(self.record, caller, organization)
        return self.record.members(user_id=caller.user_id, organization=organization, cursor=cursor, limit=limit)

    def put(self, caller: Principal, organization: str, member_id: str, roles: Collection[str]) -> tuple[Member, bool]:
        """Adds a user of the issuer, or replaces their roles. Returns the member, and whether they are new.

        Raises:
            Invalid: there is no role, or an unknown one.
            Conflict: the organisation would have no admin left, or the id belongs to a service token.
        """
        administrator(self.record, caller, organization)
        result = self.record.put(
            user_id=caller.user_id, organization=organization, member_id=member_id, roles=role_set(roles)
        )
        if result is None:
            refuse_former_admin()
        match result.outcome:
            case PutMemberOutcome.PUT:
                assert result.member is not None  # it goes with this outcome
                return result.member, result.added
            case PutMemberOutcome.LAST_ADMIN:
                raise _last_admin(member_id, organization)
            case PutMemberOutcome.MACHINE:
                raise _machine(member_id)
            case _:
                assert_never(result.outcome)

    def remove(self, caller: Principal, organization: str, member_id: str) -> None:
        """Removes a member. They see nothing of the organisation any more; their work and their service tokens stay.

        Raises:
            NotFound: there is no member with this id.
            Conflict: the member is the last admin, or the id belongs to a service token.
        """
        administrator(self.record, caller, organization)
        outcome = self.record.remove(user_id=caller.user_id, organization=organization, member_id=member_id)
        if outcome is None:
            refuse_former_admin()
        match outcome:
            case RemoveMemberOutcome.REMOVED:
                return
            case RemoveMemberOutcome.NOT_FOUND:
                raise NotFound(f"there is no member {member_id} in {organization}")
            case RemoveMemberOutcome.LAST_ADMIN:
                raise _last_admin(member_id, organization)
            case RemoveMemberOutcome.MACHINE:
                raise _machine(member_id)
            case _:
                assert_never(outcome)


def _last_admin(member_id: str, organization: str) -> Conflict:
    return Conflict(f"the member {member_id} is the last admin of {organization}: make another member admin first")


def _machine(member_id: str) -> Conflict:
    return Conflict(
        f"{member_id} is a machine, and its roles never change: a service token can be revoked, and launches of the "
        "deployment's state machine can be forbidden"
    )
