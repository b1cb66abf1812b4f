"""The MCP function: KPI data over the Model Context Protocol, one organisation a call."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from kpi_mcp.http import KpiFunction
from kpi_mcp.settings import Settings


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _function()(event, context)


@cache
def _function() -> KpiFunction:
    return KpiFunction(Settings.from_environ(os.environ))
