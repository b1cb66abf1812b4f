"""The people of an organisation: see them, have them in, change what they may do, let them go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from baton.errors import Conflict, NotFound
from baton.model import Principal, PutMemberOutcome, RemoveMemberOutcome
from baton.ports.members import Member
from baton.usecases.administration import administrator, role_is_gone, role_set

if TYPE_CHECKING:
    from baton.store.members import MembersTable


@dataclass(frozen=True)
class ManageMembers:
    """All three need the role admin. An organisation always has a person who is admin; machines do not count.

    Raises (all):
        NotFound: there is no such organisation, or the caller is not a member of it.
        Forbidden: the role is missing.
    """

    record: MembersTable

    def list(self, caller: Principal, organization: str) -> Sequence[Member]:
        """In the order in which they came."""
        administrator(self.record, caller, organization)
        return self.record.members(user_id=caller.user_id, organization=organization)

    def put(self, caller: Principal, organization: str, member_id: str, roles: Collection[str]) -> tuple[Member, bool]:
        """Adds a user of the issuer, or replaces their roles; the member as they are now, and whether they are new.

        Raises:
            Invalid: no role, or one that there is not.
            Conflict: they are the last admin and would be no more, or the id is a service token's.
        """
        administrator(self.record, caller, organization)
        put = self.record.put(
            user_id=caller.user_id, organization=organization, member_id=member_id, roles=role_set(roles)
        )
        if put is None:
            role_is_gone()
        match put.outcome:
            case PutMemberOutcome.PUT:
                assert put.member is not None  # it goes with this outcome
                return put.member, put.added
            case PutMemberOutcome.LAST_ADMIN:
                raise _last_admin(member_id, organization)
            case PutMemberOutcome.MACHINE:
                raise _machine(member_id)
            case _:
                assert_never(put.outcome)

    def remove(self, caller: Principal, organization: str, member_id: str) -> None:
        """From then on, they see nothing of the organisation. What they did stays, also the service tokens they made.

        Raises:
            NotFound: nobody there has this id.
            Conflict: they are the last admin, or the id is a service token's.
        """
        administrator(self.record, caller, organization)
        outcome = self.record.remove(user_id=caller.user_id, organization=organization, member_id=member_id)
        if outcome is None:
            role_is_gone()
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
    return Conflict(f"the member {member_id} is the last admin of {organization}: make somebody else admin first")


def _machine(member_id: str) -> Conflict:
    return Conflict(f"the id {member_id} is a service token's, whose roles never change: revoke it, or make another")
