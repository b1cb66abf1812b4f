"""The engine's logins, one for each function that uses the database, and their passwords."""

from __future__ import annotations

import secrets
from typing import Any

import psycopg
from psycopg import sql

LOGINS = ("api", "step", "gate", "checkpoint", "approval", "relay", "reconcile", "stream", "launch", "webhook", "mcp")


def new_passwords(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Set a new random password for each login of the engine; returns login → password.

    The passwords are valid after the caller's commit. The server gets SCRAM verifiers and not the passwords, so that
    no log shows a password.
    """
    passwords = {login: secrets.token_urlsafe(24) for login in LOGINS}
    for login, password in passwords.items():
        role = f"baton_{login}"
        verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        connection.execute(
            sql.SQL("alter role {} with login password {}").format(sql.Identifier(role), sql.Literal(verifier))
        )
    return passwords
