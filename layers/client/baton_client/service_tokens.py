"""Service tokens, with which machines call the API; for an organisation's admins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from baton_client.connection import Connection, segment


class ServiceToken(TypedDict):
    """``id`` is also the machine's name in the record, for example in ``decidedBy``."""

    id: str
    organization: str
    name: str
    roles: list[str]
    createdBy: str
    createdAt: str
    expiresAt: str
    revokedAt: str | None


class IssuedToken(ServiceToken):
    """``token`` is the secret. Only this answer contains it."""

    token: str


class ServiceTokens:
    """``client.service_tokens``. The default of ``organization`` is the client's. Raises (all methods): Unreachable,
    Refused, OrganizationMissing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, organization: str | None = None) -> Sequence[ServiceToken]:
        """The newest first, revoked and expired ones too."""
        tokens: Sequence[ServiceToken] = self._connection.get(self._path(organization))["serviceTokens"]
        return tokens

    def create(
        self,
        name: str,
        roles: Iterable[str],
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
        issued: IssuedToken = self._connection.post(self._path(organization), body)
        return issued

    def revoke(self, token_id: str, *, organization: str | None = None) -> ServiceToken:
        """Revoke a token: the API refuses its next request."""
        revoked: ServiceToken = self._connection.delete(f"{self._path(organization)}/{segment(token_id)}")
        return revoked

    def _path(self, organization: str | None) -> str:
        return f"/organizations/{segment(self._connection.organization(organization))}/service-tokens"
