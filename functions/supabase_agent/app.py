"""The supabase-agent function: returns KPI figures and the SQL that selected them."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import invocation, logs
from supabase_agent.agent import SupabaseAgent
from supabase_agent.settings import Settings


@logs.logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call of the agent contract."""
    answer = _agent()(event)
    invocation.tell(success=answer["success"])
    return answer


@cache
def _agent() -> SupabaseAgent:
    return SupabaseAgent(Settings.from_environ(os.environ))
