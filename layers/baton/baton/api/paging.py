"""Pages of lists: ``?cursor=`` is the ``nextCursor`` of the page before."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from typing_extensions import TypedDict

from baton.api.views.omitted import Omitted
from baton.errors import FieldProblem, Invalid
from baton.ports.reads import Cursor

View = TypeVar("View")


class Page(TypedDict):
    """``nextCursor`` leads to the page after this one; null: there is none."""

    nextCursor: str | None


MAX_ROWS = 500  # of a page of a list with small rows: so many rows always fit into one answer

LimitQuery = Annotated[int, Query(ge=1, le=MAX_ROWS)]
CursorQuery = Annotated[str | None, Query(alias="cursor", description="The `nextCursor` of the page before.")]


def read_cursor(text: str | None) -> Cursor | None:
    """The place where the page begins. Raises Invalid for a cursor that no answer had."""
    if text is None:
        return None
    try:
        moment, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        cursor = Cursor(datetime.fromisoformat(moment), str(UUID(row_id)))
        if cursor.moment.tzinfo is None:
            raise ValueError("a moment needs its zone")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:  # base64's error is a ValueError
        problem = FieldProblem("cursor", "must be the `nextCursor` of a page before this one")
        raise Invalid("The query is not valid", [problem]) from error
    return cursor


def page(
    rows: Sequence[Mapping[str, Any]], limit: int, view: Callable[[Mapping[str, Any]], View]
) -> tuple[list[View], str | None]:
    """The views of the first ``limit`` rows, and the cursor of the next page if there is one more row."""
    shown = rows[:limit]
    more = len(rows) > limit
    return [view(row) for row in shown], _encoded(shown[-1]) if more else None


def omitted_from_page(
    rows: Sequence[Mapping[str, Any]],
    limit: int,
    at: str,
    omitted_from_row: Callable[[Mapping[str, Any], str], list[Omitted]],
) -> list[Omitted]:
    """What the first ``limit`` rows leave out. ``at`` points to their list."""
    shown = enumerate(rows[:limit])
    return [entry for place, row in shown for entry in omitted_from_row(row, f"{at}/{place}")]


def _encoded(row: Mapping[str, Any]) -> str:
    place = json.dumps([row["created_at"].isoformat(), str(row["id"])], separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
