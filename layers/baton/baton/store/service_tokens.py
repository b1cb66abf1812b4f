"""Service tokens in Postgres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baton.model import Role
from baton.ports.reads import Cursor
from baton.ports.service_tokens import Bearer, NewServiceToken, ServiceToken
from baton.store.database import Database
from baton.store.functions import Function, Query, row_of

_BEARER = Query("check_service_token", token_id="uuid", secret_hash="text")
_TOKENS = Query(
    "list_service_tokens",
    user_id="uuid",
    organization="text",
    before_at="timestamptz",
    before_id="uuid",
    limit="integer",
)
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
    """For the API's login. Every method is one round trip. All but ``bearer`` check the caller's role again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bearer(self, token_id: str, secret_hash: str) -> Bearer | None:
        """The bearer of the token with this id and secret; None if there is none."""
        bearer = _BEARER(self._database, token_id=token_id, secret_hash=secret_hash)
        return None if bearer is None else Bearer(**bearer)

    def tokens(
        self, *, user_id: str, organization: str, cursor: Cursor | None = None, limit: int | None = None
    ) -> list[ServiceToken]:
        """The newest first, with expired and revoked ones. The list is empty if the caller is not an admin there."""
        place = {"before_at": cursor and cursor.moment, "before_id": cursor and cursor.id, "limit": limit}
        tokens = _TOKENS(self._database, user_id=user_id, organization=organization, **place)
        return [_token(token) for token in tokens]

    def create(self, *, user_id: str, token: NewServiceToken) -> ServiceToken | None:
        """Makes the token and its membership. None if the caller is not an admin there."""
        answer = _CREATE(
            self._database,
            user_id=user_id,
            organization=token.organization,
            token_id=token.id,
            name=token.name,
            roles=list(token.roles),
            secret_hash=token.secret_hash,
            expires_at=token.expires_at,
        )
        return None if answer is None else _token(answer)

    def revoke(self, *, user_id: str, organization: str, token_id: str) -> ServiceToken | None:
        """Deletes the token's membership. A second call changes nothing. None if there is no such token, or the caller
        is not an admin there."""
        answer = _REVOKE(self._database, user_id=user_id, organization=organization, token_id=token_id)
        return None if answer is None else _token(answer)


def _token(answer: Mapping[str, Any]) -> ServiceToken:
    row = row_of(answer)
    return ServiceToken(**{**row, "roles": tuple(map(Role, row["roles"]))})
