"""The supabase-agent function: returns KPI figures and the SQL that selected them."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from supabase_agent.agent import SupabaseAgent
from supabase_agent.settings import Settings

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call of the agent contract."""
    answer = _agent()(event)
    run, reason = event.get("run"), answer["payload"]["metadata"].get("reason")
    logger.info("answered" if answer["success"] else "cannot answer", extra={"run": run, "reason": reason})
    return answer


@cache
def _agent() -> SupabaseAgent:
    return SupabaseAgent(Settings.from_environ(os.environ))
