"""Lists that come a page at a time: ``?cursor=`` is the ``nextCursor`` of the page before."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from typing_extensions import TypedDict

from baton.errors import FieldProblem, Invalid
from baton.ports.reads import Cursor

View = TypeVar("View")


class Page(TypedDict):
    """``nextCursor`` leads to the page after this one; null: there is none."""

    nextCursor: str | None


CursorQuery = Annotated[str | None, Query(alias="cursor", description="The `nextCursor` of the page before.")]


def read_cursor(text: str | None) -> Cursor | None:
    """Where the page begins. Raises Invalid for a cursor that was not answered here."""
    if text is None:
        return None
    try:
        moment, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        found = Cursor(datetime.fromisoformat(moment), str(UUID(row_id)))
        if found.moment.tzinfo is None:
            raise ValueError("a moment needs its zone")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:  # what base64 raises is a ValueError
        problem = FieldProblem("cursor", "must be the `nextCursor` of a page before this one")
        raise Invalid("The query is not valid", [problem]) from error
    return found


def page(
    rows: Sequence[Mapping[str, Any]], limit: int, view: Callable[[Mapping[str, Any]], View]
) -> tuple[list[View], str | None]:
    """The views of the first ``limit`` rows, and the cursor of the next page if one more row was there."""
    shown = rows[:limit]
    more = len(rows) > limit
    return [view(row) for row in shown], _encoded(shown[-1]) if more else None


def _encoded(row: Mapping[str, Any]) -> str:
    place = json.dumps([row["created_at"].isoformat(), str(row["id"])], separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
