"""The organisation in which a call of the agent-to-agent dialect acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from baton.errors import FieldProblem, Invalid, NoOrganization, NotFound
from baton.model import GLOBAL, Principal

HEADER = "Baton-Organization"


class Memberships(Protocol):
    def organizations(self, caller: Principal) -> list[str]: ...


def acting_organizations(
    memberships: Memberships, caller: Principal, *, path: str, header: str | None
) -> Sequence[str]:
    """The slugs of the organisations that the call may act in: at least one. ``path`` and ``header`` are the slugs that
    the call names.

    Usually the path names the only one. ``global`` owns no run. A call to ``global`` may act in the organisation of the
    header or, without a header, in every organisation of the caller.

    Raises:
        NoOrganization: the path is ``global``, and the caller is a member of no organisation.
        NotFound: the caller is not a member of the organisation that the header names.
        Invalid: the header contradicts the path.
    """
    if path != GLOBAL:
        if header not in (None, path):
            raise _unclear(f"must be {path}, which the path names, or be left out")
        return [path]
    slugs = memberships.organizations(caller)
    if not slugs:
        raise NoOrganization("you are a member of no organisation; an admin of one can add you")
    if header is None:
        return slugs
    if header not in slugs:
        raise NotFound(f"there is no organisation {header} that you are a member of")
    return [header]


def launching_organization(candidates: Sequence[str]) -> str:
    """The one organisation that a launch belongs to. Raises ``Invalid`` if there are several; the message lists
    them."""
    if len(candidates) > 1:
        raise _unclear(f"is needed, because you are a member of several organisations: {', '.join(candidates)}")
    return candidates[0]


def _unclear(message: str) -> Invalid:
    return Invalid("It is not clear in which organisation to act", [FieldProblem(HEADER, message)])
