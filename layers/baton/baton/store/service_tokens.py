"""Service tokens in Postgres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baton.model import Role
from baton.ports.service_tokens import Bearer, NewServiceToken, ServiceToken
from baton.store.database import Database
from baton.store.functions import Function, Query, row_of

_BEARER = Query("check_service_token", token_id="uuid", secret_hash="text")
_TOKENS = Query("list_service_tokens", user_id="uuid", organization="text")
_CREATE = Function(
    "create_service_token",
    user_id="uuid",
    organization="text",
    token_id="uuid",
    name="text",
    roles="text[]",
    secret_hash="text",
    expires_at="timestamptz",
)
_REVOKE = Function("revoke_service_token", user_id="uuid", organization="text", token_id="uuid")


class ServiceTokensTable:
    """For the API's login. Every method is one round trip; all but ``bearer`` ask for the caller's role again in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bearer(self, token_id: str, secret_hash: str) -> Bearer | None:
        """None if no token has this id and secret."""
        bearer = _BEARER(self._database, token_id=token_id, secret_hash=secret_hash)
        return None if bearer is None else Bearer(**bearer)

    def tokens(self, *, user_id: str, organization: str) -> list[ServiceToken]:
        """The newest first, also those that are good no more. None at all unless the caller is admin there."""
        return [_token(token) for token in _TOKENS(self._database, user_id=user_id, organization=organization)]

    def create(self, *, user_id: str, token: NewServiceToken) -> ServiceToken | None:
        """Makes the token and its membership at once. None if the caller is not admin there."""
        created = _CREATE(
            self._database,
            user_id=user_id,
            organization=token.organization,
            token_id=token.id,
            name=token.name,
            roles=list(token.roles),
            secret_hash=token.secret_hash,
            expires_at=token.expires_at,
        )
        return None if created is None else _token(created)

    def revoke(self, *, user_id: str, organization: str, token_id: str) -> ServiceToken | None:
        """Takes its membership away at once; doing it again changes nothing. None if there is no such token, or the
        caller is not admin there."""
        revoked = _REVOKE(self._database, user_id=user_id, organization=organization, token_id=token_id)
        return None if revoked is None else _token(revoked)


def _token(answer: Mapping[str, Any]) -> ServiceToken:
    row = row_of(answer)
    return ServiceToken(**{**row, "roles": tuple(map(Role, row["roles"]))})
