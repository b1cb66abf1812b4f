"""Callers: members of organisations, and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GLOBAL = "global"  # the organisation of the deployment's own library; it has no members


class Role(StrEnum):
    """A member has a set of roles, and no role includes another: an approver may not launch, an admin may not
    decide."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"


class MemberKind(StrEnum):
    PERSON = "person"
    MACHINE = "machine"  # the bearer of a service token, or the launcher of a deployment


@dataclass(frozen=True)
class Principal:
    """The caller that a verified bearer token names. ``user_id`` is a UUID in text form."""

    user_id: str
