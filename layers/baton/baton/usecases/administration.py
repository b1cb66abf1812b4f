"""What the admin of an organisation may do."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NoReturn

from baton.errors import FieldProblem, Forbidden, Invalid, NotFound
from baton.model import Principal, Role
from baton.ports.members import Membership

if TYPE_CHECKING:
    from baton.store.members import MembersTable


def administrator(members: MembersTable, caller: Principal, organization: str) -> Membership:
    """The caller's membership of the organisation, after a check that they are its admin.

    Raises:
        NotFound: there is no such organisation, or the caller is not a member of it.
        Forbidden: the caller lacks the role admin.
    """
    membership = members.membership(user_id=caller.user_id, organization=organization)
    if membership is None:
        raise NotFound(f"there is no organisation {organization} that you are a member of")
    if Role.ADMIN not in membership.roles:
        raise Forbidden(f"members and service tokens of {organization} need the role admin there")
    return membership


def refuse_former_admin() -> NoReturn:
    """Refuses a caller who lost the role between the check and the change."""
    raise Forbidden("this needs the role admin, which you had a moment ago")


def role_set(roles: Collection[str]) -> list[Role]:
    """Roles as the record keeps them: each once, in one order. Raises Invalid for no role and for an unknown one."""
    unknown = [role for role in roles if role not in list(Role)]
    if unknown:
        raise _invalid(f"{unknown[0]!r} is not a role; the roles are {', '.join(Role)}")
    if not roles:
        raise _invalid(f"must name at least one of {', '.join(Role)}")
    return [role for role in Role if role in roles]


def _invalid(message: str) -> Invalid:
    return Invalid("The request is not valid", [FieldProblem("roles", message)])
