"""Service tokens: with them, machines call the API as members of one organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from baton.model import Role


@dataclass(frozen=True)
class Bearer:
    """Whose token it is, by a secret that was right. Only a ``live`` one is good: neither revoked nor expired."""

    id: str
    live: bool


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
