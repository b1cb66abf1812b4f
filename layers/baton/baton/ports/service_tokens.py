"""Service tokens: with them, machines call the API as members of one organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from baton.model import Role


@dataclass(frozen=True)
class Bearer:
    """The bearer of a token whose secret is right. ``live`` is False if the token is revoked or has expired."""

    id: str
    live: bool


@dataclass(frozen=True)
class ServiceToken:
    """A token without its secret. ``id`` is also the user id of its bearer, e.g. in ``decided_by``."""

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
