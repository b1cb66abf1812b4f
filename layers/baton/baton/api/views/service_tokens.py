"""Service tokens: who they are, never what they are checked by."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from baton.model import Role
from baton.ports.service_tokens import ServiceToken
from baton.usecases.service_tokens import IssuedToken
from baton.words import AnsweredWord


class ServiceTokenView(TypedDict):
    """``id`` is also what its bearer is called in the record, e.g. in `decidedBy`."""

    id: str
    organization: str
    name: str
    roles: list[AnsweredWord[Role]]
    createdBy: str
    createdAt: datetime
    expiresAt: datetime
    revokedAt: datetime | None


class IssuedTokenView(ServiceTokenView):
    """``token`` is to be sent as a bearer. It is told this once."""

    token: str


def service_token(found: ServiceToken) -> ServiceTokenView:
    return {
        "id": found.id,
        "organization": found.organization,
        "name": found.name,
        "roles": list(found.roles),
        "createdBy": found.created_by,
        "createdAt": found.created_at,
        "expiresAt": found.expires_at,
        "revokedAt": found.revoked_at,
    }


def issued(made: IssuedToken) -> IssuedTokenView:
    return {**service_token(made.token), "token": made.secret}
