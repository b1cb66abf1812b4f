"""The settings of an organisation: its time zone, and whether the deployment's state machine may launch runs there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from baton.errors import FieldProblem, Invalid, NotFound
from baton.model import Principal, PutTimeZoneOutcome
from baton.ports.organizations import Organization
from baton.suggestions import nearest
from baton.usecases.administration import administrator, refuse_former_admin

if TYPE_CHECKING:
    from baton.store.members import MembersTable
    from baton.store.organizations import OrganizationsTable


@dataclass(frozen=True)
class ManageOrganizations:
    """Every member may read the settings. The other methods need the role admin.

    Raises (all):
        NotFound: there is no such organisation, or the caller is not a member of it.
        Forbidden: the caller is not an admin there.
    """

    members: MembersTable
    record: OrganizationsTable

    def show(self, caller: Principal, organization: str) -> Organization:
        shown = self.record.organization(user_id=caller.user_id, organization=organization)
        if shown is None:
            raise NotFound(f"there is no organisation {organization} that you are a member of")
        return shown

    def put_time_zone(self, caller: Principal, organization: str, time_zone: str) -> Organization:
        """Sets the time zone, by which relative dates have their day.

        Raises:
            Invalid: there is no time zone with this IANA name.
        """
        administrator(self.members, caller, organization)
        result = self.record.put_time_zone(user_id=caller.user_id, organization=organization, time_zone=time_zone)
        if result is None:
            refuse_former_admin()
        match result.outcome:
            case PutTimeZoneOutcome.PUT:
                return result.organization
            case PutTimeZoneOutcome.UNKNOWN:
                raise _unknown(time_zone, result.names)
            case _:
                assert_never(result.outcome)

    def allow_launches(self, caller: Principal, organization: str) -> Organization:
        """Makes a machine a member, with the role operator: executions of ``<stack>-launch`` launch runs as it. A
        second call changes nothing."""
        administrator(self.members, caller, organization)
        allowed = self.record.allow_launches(
            user_id=caller.user_id, organization=organization, launcher_id=str(uuid.uuid4())
        )
        return allowed or refuse_former_admin()

    def forbid_launches(self, caller: Principal, organization: str) -> Organization:
        """Takes the permission back: the next launch is refused. Runs that were launched go on. A second call changes
        nothing."""
        administrator(self.members, caller, organization)
        forbidden = self.record.forbid_launches(user_id=caller.user_id, organization=organization)
        return forbidden or refuse_former_admin()


def _unknown(time_zone: str, names: Sequence[str]) -> Invalid:
    meant = _nearest(time_zone, names)
    suggestion = f" (did you mean `{meant}`?)" if meant else ""
    message = f"must be the IANA name of a time zone, such as Europe/Berlin, not `{time_zone}`{suggestion}"
    return Invalid("The request is not valid", [FieldProblem("timeZone", message)])


def _nearest(text: str, names: Sequence[str]) -> str | None:
    """The time zone whose name, or whose city, is most like the text; its first letter must be right."""
    by_spelling = {spelling: name for name in names for spelling in (name, name.rpartition("/")[2])}
    initial = text.strip()[:1].upper()
    spelling = nearest(text, [spelling for spelling in by_spelling if spelling[:1] == initial])
    return by_spelling[spelling] if spelling else None
