"""The MCP function: reads KPI data over the Model Context Protocol, for one organisation in each call."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import logs
from kpi_mcp.http import KpiFunction
from kpi_mcp.settings import Settings


@logs.logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API request (payload format 2.0)."""
    return _function()(event, context)


@cache
def _function() -> KpiFunction:
    return KpiFunction(Settings.from_environ(os.environ))
