"""Service tokens, with which machines call the API; for an organisation's admins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from baton_client.arguments import segment
from baton_client.connection import Connection
from baton_client.vocabulary import Role


class ServiceToken(TypedDict):
    """``id`` is also the machine's name in the record, for example in ``decidedBy``."""

    id: str
    organization: str
    name: str
    roles: list[Role]
    createdBy: str
    createdAt: str
    expiresAt: str
    revokedAt: str | None


class IssuedToken(ServiceToken):
    """``token`` is the secret. Only this answer contains it."""

    token: str


class _ServiceTokens(TypedDict):
    serviceTokens: list[ServiceToken]
    nextCursor: str | None


class ServiceTokens:
    """``client.service_tokens``. The default of ``organization`` is the client's. Raises (all methods): the errors
    that ``Client`` names, and OrganizationMissing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, organization: str | None = None) -> Sequence[ServiceToken]:
        """The newest first, revoked and expired ones too."""
        pages = self._connection.pages(self._path(organization), _ServiceTokens)
        return [token for page in pages for token in page["serviceTokens"]]

    def create(
        self,
        name: str,
        roles: Iterable[Role],
        expires_at: str,
        *,
        allow_approver: bool = False,
        organization: str | None = None,
    ) -> IssuedToken:
        """``expires_at`` is ISO 8601 with a time zone, at most a year from now. The role ``approver`` needs
        ``allow_approver``."""
        body = {
            "name": name,
            "roles": sorted(set(roles)),
            "expiresAt": expires_at,
            "allowApprover": allow_approver,
        }
        return self._connection.post(self._path(organization), IssuedToken, body)

    def revoke(self, token_id: str, *, organization: str | None = None) -> ServiceToken:
        """Revoke a token: the API refuses its next request."""
        path = f"{self._path(organization)}/{segment(token_id, 'token_id')}"
        return self._connection.delete(path, ServiceToken)

    def _path(self, organization: str | None) -> str:
        return f"/organizations/{segment(self._connection.organization(organization), 'organization')}/service-tokens"
