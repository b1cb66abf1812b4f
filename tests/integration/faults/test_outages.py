"""Lambda has no room, or the database is away: the run waits, and nothing counts as a failure of a step."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from tests.integration.faults.scenario_parts import definition, echo, reviewer
from tests.integration.faults.scenario_runner import Scenario, ScenarioRunner
from tests.integration.faults.simulation import Outage

NO_RETRIES = {"retry_count": 0}
HOUR = 3600.0


def each_of(items: int, **more: object) -> dict[str, object]:
    names = [f"n{number}" for number in range(items)]
    return {"id": "each", "for_each": names, "as": "one", "input": {"userMessage": "{{ one }}"}, **more}


def test_a_for_each_of_200_completes_where_lambda_has_ten_places(runner: ScenarioRunner) -> None:
    """Both are throttled: the step function, and the agent that it calls. No step has a retry of its own."""
    steps = [each_of(200), {"id": "last", "depends_on": ["each"]}]
    scenario = Scenario("throttled", [definition("throttled", steps, NO_RETRIES)], echo, places=10)
    played = runner.play(scenario)
    assert played.executions == [True]
    assert played.summary.crashes == 0
    assert len(played.asked) == len(set(played.asked)) == 201
    assert statuses(runner) == {"completed"}
    [most] = rows(runner, "select max(deliveries) as deliveries from orchestration_step_attempts")
    assert most["deliveries"] > 1, "no call of the agent was throttled"


ITEMS = {"id": "a", "for_each": ["x", "y"], "as": "one", "input": {"userMessage": "{{ one }}"}}
REVIEWED = {"id": "a", "checkpoint_after": {"question": "Good?", "options": [{"action": "continue"}]}}


@pytest.mark.parametrize(
    "step",
    [{"id": "a"}, {"id": "a", "continue_on_failure": True}, {**ITEMS, "continue_on_failure": True}, REVIEWED],
    ids=["alone", "may-fail", "items-that-may-fail", "reviewed"],
)
def test_a_run_outlives_five_hours_without_its_database(runner: ScenarioRunner, step: dict[str, object]) -> None:
    """The database goes away while the agent is at work, so its result is lost. The agent is asked once more, with the
    same idempotency key."""
    steps = [step, {"id": "beside"}, {"id": "last", "depends_on": ["a", "beside"]}]
    name = f"away-{zlib.crc32(str(step).encode()):x}"
    outage = Outage("a", 5 * HOUR)
    played = runner.play(Scenario(name, [definition(name, steps, NO_RETRIES)], echo, reviewer, outage=outage))
    assert (played.executions, played.summary.crashes) == ([True], 0)
    assert statuses(runner) == {"completed"}
    assert rows(runner, "select from orchestration_steps where failures > 0") == []
    assert any(played.asked.count(key) > 1 for key in played.asked), "no result was lost"


def statuses(runner: ScenarioRunner) -> set[str]:
    return {str(row["status"]) for row in rows(runner, "select status from orchestration_steps")}


def rows(runner: ScenarioRunner, query: str) -> list[dict[str, Any]]:
    return runner.owner.execute(query.encode()).fetchall()
