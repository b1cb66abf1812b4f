"""The settings of the agent: its MCP server, and the tokens that it sends there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import jwt

from baton.errors import SettingMissing
from baton.secrets import Key, Secrets
from supabase_agent.problems import CannotAnswer

TOKEN_LIFETIME_SECONDS = 120


@dataclass(frozen=True)
class Settings:
    """The ``url`` of the MCP server, and what the agent's tokens are made of.

    For Baton's server, the agent signs a token for each task's organisation, with ``signing_key`` for ``audience``. For
    another server, ``static_token`` is the token, and only tasks of ``static_organization`` may use it.
    """

    url: str
    signing_key: Key | None
    audience: str
    static_token: str
    static_organization: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the variables and the secret that they name. ``SettingMissing`` names a wrong or missing variable."""
        url = _variable(environ, "BATON_MCP_URL")
        if urlsplit(url).scheme not in ("http", "https"):
            raise SettingMissing(f"BATON_MCP_URL must be an http or https URL, but is {url}")
        if static_token := environ.get("BATON_MCP_TOKEN", ""):
            return cls(url, None, "", static_token, _variable(environ, "BATON_MCP_ORGANIZATION"))
        key = Secrets().key(_variable(environ, "BATON_MCP_SECRET"))
        return cls(url, key, _variable(environ, "BATON_MCP_TOKEN_AUDIENCE"), "", "")

    def bearer(self, organization: str) -> str:
        """A token for this organisation's data only. Raises ``CannotAnswer`` if ``static_token`` is of another one."""
        if self.signing_key is None:
            if organization != self.static_organization:
                raise CannotAnswer(f"the KPI server of this deployment has no data of organisation {organization}")
            return self.static_token
        now = int(time.time())
        claims = {"aud": self.audience, "iat": now, "exp": now + TOKEN_LIFETIME_SECONDS, "organization": organization}
        return jwt.encode(claims, self.signing_key.value, algorithm="HS256")

    def key_has_changed(self) -> bool:
        """Whether a refused token would now be signed with another key."""
        return self.signing_key is not None and self.signing_key.has_changed()


def _variable(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise SettingMissing(f"the supabase-agent function needs the environment variable {name}")
    return value
