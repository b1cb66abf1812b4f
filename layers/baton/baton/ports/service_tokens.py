"""Service tokens: with them, machines call the API as members of one organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from baton.model import Role


@dataclass(frozen=True)
class Bearer:
    """Whose token it is, by a secret that was right. Only a ``live`` one is good: neither revoked nor expired."""

    id: str
    live: bool


class Bearers(Protocol):
    def bearer(self, token_id: str, secret_hash: str, /) -> Bearer | None:
        """None if no token has this id and secret."""
        ...


@dataclass(frozen=True)
class ServiceToken:
    """What is shown of a token. ``id`` is also what the record calls its bearer, e.g. in ``decided_by``."""

    id: str
    organization: str
    name: str
    roles: Sequence[Role]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class NewServiceToken:
    id: str
    organization: str
    name: str
    roles: Sequence[Role]
    secret_hash: str
    expires_at: datetime


class ServiceTokens(Protocol):
    """Every method asks for the caller's role again, in the statement that reads or writes."""

    def tokens(self, *, user_id: str, organization: str) -> Sequence[ServiceToken]:
        """The newest first, also those that are good no more. None at all unless the caller is admin there."""
        ...

    def create(self, *, user_id: str, token: NewServiceToken) -> ServiceToken | None:
        """Makes the token and its membership at once. None if the caller is not admin there."""
        ...

    def revoke(self, *, user_id: str, organization: str, token_id: str) -> ServiceToken | None:
        """Takes its membership away at once; doing it again changes nothing. None if there is no such token, or the
        caller is not admin there."""
        ...
