"""Deliverables: the documents that agents made."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from baton.api.functions import ApiFunction
from baton.api.operations import JSON, operation
from baton.api.requests import DeliverableId
from baton.api.resolver import Resolver
from baton.api.views import deliverables as views
from baton.errors import NotFound

# A browser shows these; any other format, above all HTML, goes out as plain text.
MEDIA_TYPES = {"json": JSON, "markdown": "text/markdown; charset=utf-8", "csv": "text/csv; charset=utf-8"}
PLAIN = "text/plain; charset=utf-8"
CONTENT = {JSON: Any, "text/markdown": str, "text/csv": str, "text/plain": str}


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(
        app.get,
        "/deliverables/<deliverable_id>",
        tag="deliverables",
        answers={200: views.Deliverable},
        refuses=(NotFound,),
    )
    def get_deliverable(deliverable_id: DeliverableId) -> views.Deliverable:
        """Get a deliverable with its content."""
        return views.deliverable(function.reads.deliverable(app.caller, deliverable_id))

    @operation(
        app.get,
        "/deliverables/<deliverable_id>/content",
        tag="deliverables",
        answers={200: CONTENT},
        refuses=(NotFound,),
    )
    def get_deliverable_content(deliverable_id: DeliverableId) -> Response[str]:
        """Get the content of a deliverable as it is, in the media type of its format."""
        row = function.reads.deliverable(app.caller, deliverable_id)
        return Response(
            status_code=HTTPStatus.OK,
            content_type=MEDIA_TYPES.get(row["format"].lower(), PLAIN),
            body=row["content"],
            headers={"X-Content-Type-Options": "nosniff"},
        )
