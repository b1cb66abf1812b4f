"""Service tokens in Postgres."""

from __future__ import annotations

from baton.ports.service_tokens import Bearer, NewServiceToken, ServiceToken
from baton.store import sql
from baton.store.database import Database, Row

_SQL = sql.load("service_tokens")


class ServiceTokensTable:
    """Implements ``ports.service_tokens.ServiceTokens`` and ``Bearers``. Every method is one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bearer(self, token_id: str, secret_hash: str) -> Bearer | None:
        row = self._database.fetch_one(_SQL["bearer"], {"token_id": token_id, "secret_hash": secret_hash})
        return None if row is None else Bearer(str(row["id"]), row["live"])

    def tokens(self, *, user_id: str, organization: str) -> list[ServiceToken]:
        rows = self._database.fetch_all(_SQL["tokens"], {"user_id": user_id, "organization": organization})
        return [_token(row) for row in rows]

    def create(self, *, user_id: str, token: NewServiceToken) -> ServiceToken | None:
        params = {
            "user_id": user_id,
            "organization": token.organization,
            "token_id": token.id,
            "name": token.name,
            "roles": list(token.roles),
            "secret_hash": token.secret_hash,
            "expires_at": token.expires_at,
        }
        row = self._database.fetch_one(_SQL["create_token"], params)
        return None if row is None else _token(row)

    def revoke(self, *, user_id: str, organization: str, token_id: str) -> ServiceToken | None:
        params = {"user_id": user_id, "organization": organization, "token_id": token_id}
        row = self._database.fetch_one(_SQL["revoke_token"], params)
        return None if row is None else _token(row)


def _token(row: Row) -> ServiceToken:
    return ServiceToken(
        **{**row, "id": str(row["id"]), "created_by": str(row["created_by"]), "roles": tuple(row["roles"])}
    )
