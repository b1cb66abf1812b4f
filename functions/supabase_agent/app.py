"""The supabase-agent function: KPI figures and the SQL that found them."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from supabase_agent.agent import SupabaseAgent
from supabase_agent.settings import Settings


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _agent()(event)


@cache
def _agent() -> SupabaseAgent:
    return SupabaseAgent(Settings.from_environ(os.environ))
