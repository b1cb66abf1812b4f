"""The raw bytes of single values: what other answers leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from baton.api.functions import ApiFunction
from baton.api.operations import JSON, operation
from baton.api.raw_content import REFUSES_RANGES, raw_answers, raw_content
from baton.api.requests import AgentSlug, OrchestrationName, RangeHeader, RunId
from baton.api.resolver import Resolver
from baton.api.views.omitted import path_of
from baton.errors import FieldProblem, Invalid

RUN = "/orchestrations/runs/<run_id>"
PointerQuery = Annotated[str, Query(description="As the `url` in `omitted` of another answer names it.")]
OwnerQuery = Annotated[str, Query(alias="organization", description="To which it belongs: yours, or `global`.")]


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(
        app.get,
        f"{RUN}/steps/<step_id>/outputs/<name>",
        tag="runs",
        answers=raw_answers({JSON: Any}),
        refuses=REFUSES_RANGES,
    )
    def get_step_output(
        run_id: RunId,
        step_id: Annotated[str, Path()],
        name: Annotated[str, Path()],
        attempt: Annotated[
            int | None, Query(ge=1, le=2**31 - 1, description="Of this attempt; without it, as other steps see it.")
        ] = None,
        ranges: RangeHeader = None,
    ) -> Response[str]:
        """Get one output of a step as JSON.

        An answer has at most 2 MiB. Ask for a larger value in parts, with `Range`.
        """
        source = function.contents.output(app.caller, run_id, step_id, name, attempt=attempt)
        return raw_content(app.current_event.headers, source, JSON)

    _add_values(app, function)


def _add_values(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, f"{RUN}/values", tag="runs", answers=raw_answers({JSON: Any}), refuses=REFUSES_RANGES)
    def get_run_value(
        run_id: RunId,
        pointer: PointerQuery,
        ranges: RangeHeader = None,
    ) -> Response[str]:
        """Get a value of a run that another answer left out, as JSON.

        An answer has at most 2 MiB. Ask for a larger value in parts, with `Range`.
        """
        source = function.contents.run_value(app.caller, run_id, _path(pointer))
        return raw_content(app.current_event.headers, source, JSON)

    @operation(
        app.get,
        "/orchestrations/definitions/<name>/values",
        tag="definitions",
        answers=raw_answers({JSON: Any}),
        refuses=REFUSES_RANGES,
    )
    def get_definition_value(
        name: OrchestrationName,
        organization: OwnerQuery,
        version: Annotated[str, Query()],
        pointer: PointerQuery,
        ranges: RangeHeader = None,
    ) -> Response[str]:
        """Get a value of a definition that another answer left out, as JSON.

        An answer has at most 2 MiB. Ask for a larger value in parts, with `Range`.
        """
        source = function.contents.definition_value(
            app.caller, name, _path(pointer), organization=organization, version=version
        )
        return raw_content(app.current_event.headers, source, JSON)

    @operation(app.get, "/agents/<slug>/values", tag="agents", answers=raw_answers({JSON: Any}), refuses=REFUSES_RANGES)
    def get_agent_value(
        slug: AgentSlug, organization: OwnerQuery, pointer: PointerQuery, ranges: RangeHeader = None
    ) -> Response[str]:
        """Get a value of an agent that another answer left out, as JSON.

        An answer has at most 2 MiB. Ask for a larger value in parts, with `Range`.
        """
        source = function.contents.agent_value(app.caller, slug, _path(pointer), organization=organization)
        return raw_content(app.current_event.headers, source, JSON)


def _path(pointer: str) -> Sequence[str]:
    try:
        return path_of(pointer)
    except ValueError as error:
        raise Invalid("The query is not valid", [FieldProblem("pointer", str(error))]) from error
