"""Replaces Supabase Auth on the local stack: an issuer with a key for each data directory, and its members."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

KEY_FILE = "auth-key.pem"
AUDIENCE = "authenticated"
JWKS_PATH = "/auth/v1/.well-known/jwks.json"
MEMBERS = uuid.UUID("5f4d9a52-7d0c-4a46-9a8c-0d3d0a6c1a5e")  # the UUID namespace of local users


def issuer_of(base_url: str) -> str:
    """The issuer of the stack at ``base_url``."""
    return f"{base_url}/auth/v1"


def issue_token(data_dir: Path, issuer: str, user_id: str, lifetime: timedelta = timedelta(hours=12)) -> str:
    """A token like one that Supabase Auth issues after a login."""
    key, now = _key(data_dir), int(time.time())
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": user_id,
        "role": AUDIENCE,
        "iat": now,
        "exp": now + int(lifetime.total_seconds()),
    }
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": _key_id(key)})


def jwks(data_dir: Path) -> dict[str, Any]:
    """The public half of the key, as a JSON Web Key Set."""
    key = _key(data_dir)
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return {"keys": [{**public, "kid": _key_id(key), "alg": "ES256", "use": "sig"}]}


def ensure_member(database_url: str, organization: str, roles: Iterable[str]) -> str:
    """Make one user a member of ``organization`` with exactly ``roles``; returns the user's id.

    The same arguments give the same user. The organisation is created if it does not exist.
    """
    member_roles = sorted(set(roles))
    user_id = str(uuid.uuid5(MEMBERS, "/".join([organization, *member_roles])))
    with psycopg.connect(database_url, prepare_threshold=None) as connection:
        connection.execute(
            "insert into public.organizations (slug, name) values (%s, %s) on conflict (slug) do nothing",
            (organization, organization),
        )
        connection.execute(
            """
            insert into public.organization_members (organization_id, user_id, roles)
            select id, %s, %s from public.organizations where slug = %s
            on conflict (organization_id, user_id) do update set roles = excluded.roles
            """,
            (user_id, member_roles, organization),
        )
    return user_id


def _key(data_dir: Path) -> ec.EllipticCurvePrivateKey:
    """The key of this data directory, created at its first use."""
    file = data_dir / KEY_FILE
    if not file.exists():
        _write_key(file)
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _write_key(file: Path) -> None:
    """Two processes may do this at the same time: the first link wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _key_id(key: ec.EllipticCurvePrivateKey) -> str:
    numbers = key.public_key().public_numbers()
    return f"{numbers.x:064x}"[:16]
