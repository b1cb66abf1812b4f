"""Runs with child runs: the bundled review of a quarter, and steps that start child runs."""

from __future__ import annotations

from typing import Any

from tests.integration.stack_client import StackClient
from tests.integration.waiting import wait_until

REVIEW = {
    "kpi_names": ["revenue"],
    "start_date": "2024-07-01",
    "end_date": "2024-09-30",
    "grouping": "month",
}


def child_of(client: StackClient, run_id: str) -> str:
    wait_until(lambda: client.children(run_id))
    [child] = client.children(run_id)
    return child


def child_step(step_id: str, *depends_on: str, **more: Any) -> dict[str, Any]:
    child = {"name": "kpi-tracking", "parameters": REVIEW}
    return {"id": step_id, "type": "orchestration", "depends_on": list(depends_on), "orchestration": child, **more}
