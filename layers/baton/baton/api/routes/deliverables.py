"""Deliverables: the documents that agents made."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from baton.api.functions import ApiFunction
from baton.api.operations import JSON, operation
from baton.api.raw_content import REFUSES_RANGES, raw_answers, raw_content
from baton.api.requests import DeliverableId, RangeHeader
from baton.api.resolver import Resolver
from baton.api.views import deliverables as views
from baton.errors import NotFound

# A browser shows these; any other format, above all HTML, goes out as plain text. An SVG may have scripts, which the
# Content-Security-Policy of raw contents stops.
MEDIA_TYPES = {
    "json": JSON,
    "markdown": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
}
PLAIN = "text/plain; charset=utf-8"
CONTENT = {JSON: Any, "text/markdown": str, "text/csv": str, "image/svg+xml": str, "text/plain": str}


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(
        app.get,
        "/deliverables/<deliverable_id>",
        tag="deliverables",
        answers={200: views.DeliverableAnswer},
        refuses=(NotFound,),
    )
    def get_deliverable(deliverable_id: DeliverableId) -> views.DeliverableAnswer:
        """Get a deliverable with its content."""
        return views.deliverable(function.reads.deliverable(app.caller, deliverable_id))

    @operation(
        app.get,
        "/deliverables/<deliverable_id>/content",
        tag="deliverables",
        answers=raw_answers(CONTENT),
        refuses=REFUSES_RANGES,
    )
    def get_deliverable_content(deliverable_id: DeliverableId, ranges: RangeHeader = None) -> Response[str]:
        """Get the content of a deliverable as it is, in the media type of its format.

        An answer has at most 2 MiB. Ask for larger content in parts, with `Range`.
        """
        source = function.contents.deliverable(app.caller, deliverable_id)
        return raw_content(app.current_event.headers, source, media_type_of(source.format))

    @operation(
        app.get,
        "/deliverables/<deliverable_id>/<name>",
        tag="deliverables",
        answers=raw_answers(CONTENT),
        refuses=REFUSES_RANGES,
    )
    def get_deliverable_by_name(
        deliverable_id: DeliverableId, name: Annotated[str, Path()], ranges: RangeHeader = None
    ) -> Response[str]:
        """Get the content of a deliverable by its name, which came in the same answer as the known one.

        So a page that links to `revenue.svg` finds it. An answer has at most 2 MiB. Ask for larger content in parts,
        with `Range`.
        """
        source = function.contents.deliverable_by_name(app.caller, deliverable_id, name)
        return raw_content(app.current_event.headers, source, media_type_of(source.format))


def media_type_of(format_: str | None) -> str:
    """The media type in which a deliverable of this format is sent."""
    return MEDIA_TYPES.get((format_ or "").lower(), PLAIN)
