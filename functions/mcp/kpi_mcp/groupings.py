"""The number of groupings of a GROUP BY. Postgres plans each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pglast import ast
from pglast.enums import GroupingSetKind

from kpi_mcp import cost
from kpi_mcp.refused import QueryRefused


def check_groupings(clause: Sequence[Any]) -> None:
    count = math.prod(_groupings(item) for item in clause)
    if count > cost.MAX_GROUPINGS:
        raise QueryRefused(f"GROUP BY asks for {count} groupings; at most {cost.MAX_GROUPINGS} are allowed")


def _groupings(item: Any) -> int:
    if not isinstance(item, ast.GroupingSet):
        return 1
    content = item.content or ()
    match item.kind:
        case GroupingSetKind.GROUPING_SET_CUBE:
            return 1 << min(len(content), 64)
        case GroupingSetKind.GROUPING_SET_ROLLUP:
            return len(content) + 1
        case GroupingSetKind.GROUPING_SET_SETS:
            return sum(_groupings(one) for one in content)
    return 1
