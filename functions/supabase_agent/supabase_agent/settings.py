"""Which MCP server the agent asks, and how it proves who it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import jwt

from baton.errors import SettingMissing
from baton.secrets import Key, Secrets
from supabase_agent.problems import CannotAnswer

TOKEN_LIFETIME = 120  # seconds


@dataclass(frozen=True)
class Settings:
    """``url`` of the MCP server, and one of two ways in.

    Baton's own server: ``signing_key`` and ``audience``, to make a token for the organisation of each task. Another
    server: ``static_token``; it cannot tell organisations apart, so it serves only ``static_organization``.
    """

    url: str
    signing_key: Key | None
    audience: str
    static_token: str
    static_organization: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the variables and the secret they name. Raises ``SettingMissing`` naming the variable."""
        url = _variable(environ, "BATON_MCP_URL")
        if urlsplit(url).scheme not in ("http", "https"):
            raise SettingMissing(f"BATON_MCP_URL must be an http or https URL, but is {url}")
        if static_token := environ.get("BATON_MCP_TOKEN", ""):
            return cls(url, None, "", static_token, _variable(environ, "BATON_MCP_ORGANIZATION"))
        key = Secrets().key(_variable(environ, "BATON_MCP_SECRET"))
        return cls(url, key, _variable(environ, "BATON_MCP_TOKEN_AUDIENCE"), "", "")

    def bearer(self, organization: str) -> str:
        """A token that lets the agent read this organisation's data and no other's. Raises ``CannotAnswer``."""
        if self.signing_key is None:
            if organization != self.static_organization:
                raise CannotAnswer(f"the KPI server of this deployment holds no data of organisation {organization}")
            return self.static_token
        now = int(time.time())
        claims = {"aud": self.audience, "iat": now, "exp": now + TOKEN_LIFETIME, "organization": organization}
        return jwt.encode(claims, self.signing_key.value, algorithm="HS256")

    def key_has_changed(self) -> bool:
        """Whether a token that was refused would be another one now."""
        return self.signing_key is not None and self.signing_key.has_changed()


def _variable(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise SettingMissing(f"the supabase-agent function needs the environment variable {name}")
    return value
