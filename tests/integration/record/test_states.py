"""States that the constraints of the schema refuse, for every writer (see docs/state-machine.md)."""

from __future__ import annotations

import psycopg
import pytest

from baton.usecases.launch_run import LaunchedRun

from .engine import FETCH, EngineFixture
from .fakes import kpi_answer

RUNS = (
    "status = 'unknown'",
    "status = 'pending'",  # it has begun
    "started_at = null",
    "status = 'completed'",  # without its time
    "status = 'failed', completed_at = now()",  # without a reason
    "error = '{}'",
    "completed_at = now()",
    "generation = 0",
    "parent_step_id = 'a'",
)
STEPS = (
    "status = 'unknown'",
    "status = 'completed'",
    "status = 'skipped'",
    "status = 'skipped', completed_at = now()",  # without a reason
    "skip_reason = 'skipped'",  # it is not skipped
    "status = 'skipped', skip_reason = 'unknown', completed_at = now()",
    "completed_at = now()",
    "status = 'failed', completed_at = now()",
    "outputs = null",
    "status = 'completed', outputs = null, completed_at = now()",
    "started_at = null",
    "attempt_number = 0",
    "failures = -1",
)
APPROVALS = (
    "status = 'unknown'",
    "status = 'decided'",
    "status = 'decided', decision = 'continue', decided_at = now()",  # without a person
    "status = 'expired'",
    "status = 'closed'",
    "decision = 'continue'",
    "decided_at = now()",
    "decided_by = gen_random_uuid()",
    "closed_reason = 'aborted'",
    "status = 'decided', decision = 'perhaps', decided_by = gen_random_uuid(), decided_at = now()",
    "expires_at = now()",
)
ATTEMPTS = ("status = 'unknown'", "status = 'running'", "ended_at = null")


@pytest.fixture
def run(engine: EngineFixture) -> LaunchedRun:
    """A run that waits for a person."""
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    engine.checkpoint(run, FETCH)
    return run


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("orchestration_runs", RUNS),
        ("orchestration_steps where status = 'checkpoint'", STEPS),
        ("human_approvals", APPROVALS),
        ("orchestration_step_attempts", ATTEMPTS),
    ],
)
def test_a_state_outside_the_diagrams_is_refused(
    engine: EngineFixture, run: LaunchedRun, table: str, changes: tuple[str, ...]
) -> None:
    assert [change for change in changes if is_accepted(engine, table, change)] == []


def is_accepted(engine: EngineFixture, table: str, change: str) -> bool:
    name, _, which = table.partition(" ")
    try:
        assert engine.all(f"update {name} set {change} {which} returning 1")
    except psycopg.errors.CheckViolation:
        return False
    return True
