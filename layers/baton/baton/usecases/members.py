"""The people of an organisation: see them, have them in, change what they may do, let them go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baton.errors import Conflict, NotFound
from baton.model import Principal
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
        if put.member is None:
            raise _refusal(put.outcome, member_id, organization)
        return put.member, put.added

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
        if outcome == "not_found":
            raise NotFound(f"there is no member {member_id} in {organization}")
        if outcome != "removed":
            raise _refusal(outcome, member_id, organization)


def _refusal(outcome: str, member_id: str, organization: str) -> Conflict:
    if outcome == "last_admin":
        return Conflict(f"the member {member_id} is the last admin of {organization}: make somebody else admin first")
    return Conflict(f"the id {member_id} is a service token's, whose roles never change: revoke it, or make another")
