"""The people of an organisation."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from baton.model import Role
from baton.ports.members import Member
from baton.words import AnsweredWord


class MemberView(TypedDict):
    """``userId`` is the subject (`sub`) of the member's tokens."""

    userId: str
    organization: str
    roles: list[AnsweredWord[Role]]
    createdAt: datetime


def member(found: Member) -> MemberView:
    return {
        "userId": found.user_id,
        "organization": found.organization,
        "roles": list(found.roles),
        "createdAt": found.created_at,
    }
