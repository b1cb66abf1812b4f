"""The settings of the MCP function: its database and the tokens that it trusts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from baton.connection import Login
from baton.errors import SettingMissing
from baton.secrets import Key, Secrets


@dataclass(frozen=True)
class Settings:
    """``token_key`` is the HS256 key of callers' tokens, ``token_audience`` their ``aud``."""

    database: Login
    token_key: Key
    token_audience: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the variables and the secrets that they name. ``SettingMissing`` names a missing variable."""
        secrets = Secrets()
        return cls(
            database=secrets.login(_variable(environ, "BATON_DATABASE_SECRET")),
            token_key=secrets.key(_variable(environ, "BATON_MCP_SECRET")),
            token_audience=_variable(environ, "BATON_MCP_TOKEN_AUDIENCE"),
        )


def _variable(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise SettingMissing(f"the MCP function needs the environment variable {name}")
    return value
