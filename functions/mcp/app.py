"""The MCP function: reads KPI data over the Model Context Protocol, for one organisation in each call."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from kpi_mcp.http import KpiFunction
from kpi_mcp.settings import Settings

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API request (payload format 2.0)."""
    answer = _function()(event, context)
    logger.info("answered", extra={"status": answer["statusCode"]})
    return answer


@cache
def _function() -> KpiFunction:
    return KpiFunction(Settings.from_environ(os.environ))
