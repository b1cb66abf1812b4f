"""Routes about the API itself: its OpenAPI document, and its health."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.models import APIKey, HTTPBearer
from typing_extensions import TypedDict

from baton import __version__
from baton.api import stream
from baton.api.operations import JSON, operation
from baton.api.resolver import OPEN, Resolver

DESCRIPTION = """\
Baton runs agent orchestrations with people in the loop.

Every error is answered with problem details (RFC 9457), whose `type` is stable. API Gateway has errors of its own, with
`{"message": …}`: 413 for more than 10 MB, 429 for too many requests at once, 500 and 503 when a function crashed or
took too long.
"""


TICKET = {"in": "query", "name": "ticket", "description": "A ticket to the stream of one run, for browsers."}


class Health(TypedDict):
    status: str


def add_routes(app: Resolver) -> None:
    app.elsewhere = stream.build(stream.NOT_SERVED).routes

    @operation(app.get, "/health", tag="about", answers={200: Health}, extensions=OPEN)
    def get_health() -> Health:
        """See whether the API answers."""
        return {"status": "ok"}

    @cache
    def document() -> str:
        described = _with_the_streams(app).get_openapi_json_schema(
            title="Baton",
            version=__version__,
            description=DESCRIPTION,
            security_schemes={
                "bearer": HTTPBearer(description="A token of the issuer, or a service token."),
                "ticket": APIKey.model_validate(TICKET),
            },
            security=[{"bearer": []}],
        )
        return _without_powertools_errors(described)

    @operation(app.get, "/openapi.json", tag="about", answers={200: dict[str, Any]}, extensions=OPEN)
    def get_openapi() -> Response[str]:
        """Get this document."""
        return Response(status_code=200, content_type=JSON, body=document())


def _without_powertools_errors(document: str) -> str:
    """Removes the schemas of Powertools' own errors, which no operation answers here."""
    content = json.loads(document)
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        del content["components"]["schemas"][name]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _with_the_streams(app: Resolver) -> Resolver:
    """A resolver with the routes of the API and of the stream function, to make the document from."""
    described = stream.build(stream.NOT_SERVED)
    described._static_routes += app._static_routes
    described._dynamic_routes += app._dynamic_routes
    return described
