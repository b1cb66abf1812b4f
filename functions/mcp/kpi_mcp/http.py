"""The MCP server as a Lambda function behind an HTTP API."""

from __future__ import annotations

import json
from typing import Any

from mangum import Mangum
from mcp.server.transport_security import TransportSecuritySettings

from baton.errors import Unauthenticated
from kpi_mcp.database import KpiDatabase
from kpi_mcp.server import kpi_server, organization
from kpi_mcp.settings import Settings
from kpi_mcp.tokens import organization_of

_POST_ONLY = {"statusCode": 405, "headers": {"allow": "POST"}, "body": ""}  # the server offers no event stream

# The check against DNS rebinding protects a server on a user's machine that trusts every caller. This server trusts
# tokens only, and its host name is that of the API gateway.
_TRANSPORT = TransportSecuritySettings(enable_dns_rebinding_protection=False)


class KpiFunction:
    """Answers HTTP API events (payload version 2.0). Each execution environment has one instance."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.database = KpiDatabase(settings.database)
        self.server = kpi_server(self.database)

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
        try:
            caller = self._caller(headers)
        except Unauthenticated as error:
            return _unauthorized(str(error))
        if event["requestContext"]["http"]["method"] != "POST":
            return _POST_ONLY
        token = organization.set(caller)
        try:
            return Mangum(self._app(), lifespan="on")(event, context)
        finally:
            organization.reset(token)

    def _caller(self, headers: dict[str, str]) -> str:
        """Raises Unauthenticated for a token that the key does not fit, be it read anew."""
        key, audience = self._settings.token_key, self._settings.token_audience
        try:
            return organization_of(headers, key.value, audience)
        except Unauthenticated:
            if not key.has_changed():
                raise
            return organization_of(headers, key.value, audience)

    def _app(self) -> Any:
        """A new ASGI application for each call, because its session manager can start only once."""
        return self.server.streamable_http_app(
            stateless_http=True, json_response=True, transport_security=_TRANSPORT, streamable_http_path="/mcp"
        )


def _unauthorized(reason: str) -> dict[str, Any]:
    challenge = 'Bearer realm="baton-mcp", error="invalid_token"'
    return {
        "statusCode": 401,
        "headers": {"content-type": "application/json", "www-authenticate": challenge},
        "body": json.dumps({"error": "invalid_token", "error_description": reason}),
    }
