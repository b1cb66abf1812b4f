"""The record of a failed call, and the key of the next one."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import AgentCallFailed, StepExhausted, StepFailed

from .engine import FETCH, EngineFixture
from .fakes import kpi_answer, refusal


def lost(kind: str) -> AgentCallFailed:
    return AgentCallFailed(kind, "no answer", retryable=True)


def keys_of(engine: EngineFixture) -> list[str]:
    """The numbers of the attempts in the keys of all calls."""
    return [task["idempotencyKey"].rpartition(":")[2] for task in engine.agents.asked]


@pytest.mark.parametrize(
    ("failures", "keys"),
    [
        ([lost("AgentUnreachable"), lost("AgentTimedOut")], ["1", "1", "1"]),
        ([lost("AgentStillAtWork"), refusal("no", retryable=True)], ["1", "1", "3"]),
        ([refusal("no", retryable=True), lost("AgentUnreachable")], ["1", "2", "2"]),
        ([refusal("no", retryable=True), refusal("no", retryable=True)], ["1", "2", "3"]),
    ],
    ids=["never answered", "refused after a lost call", "lost after a refusal", "refused twice"],
)
def test_only_an_answer_of_the_agent_changes_the_key(
    engine: EngineFixture, failures: list[Any], keys: list[str]
) -> None:
    run = engine.launch()
    engine.agents.script = [*failures, kpi_answer()]
    for _ in failures:
        with pytest.raises(StepFailed):
            engine.step(run, FETCH)
    engine.step(run, FETCH)
    assert keys_of(engine) == keys
    assert [task["run"]["attemptNumber"] for task in engine.agents.asked] == [1, 2, 3]


def test_a_persons_retry_has_a_key_of_its_own(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [lost("AgentUnreachable"), kpi_answer(), lost("AgentTimedOut"), kpi_answer()]
    with pytest.raises(StepFailed):
        engine.step(run, FETCH)
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "retry", notes="again")
    with pytest.raises(StepFailed):
        engine.step(run, FETCH)
    engine.step(run, FETCH)
    assert keys_of(engine) == ["1", "1", "3", "3"]


DEEP = """
metadata: {name: deep, displayName: Deep, version: 1.0.0}
orchestration:
  error_handling: {on_step_failure: {retry_count: 3}}
  steps:
    - id: only
      agent: summarizer
      output_mapping: {x: $..a}
"""


def test_an_answer_that_a_path_cannot_follow_is_the_attempts_failure(engine: EngineFixture) -> None:
    run = engine.start(DEEP)
    nested: Any = 1
    for _ in range(150):
        nested = [nested]
    engine.agents.script = [{"success": True, "payload": {"content": {"nested": nested}}}]
    with pytest.raises(StepExhausted, match="cannot be followed in the answer"):
        engine.step(run, "only")
    assert engine.run(run)["status"] == "failed"
    assert engine.step_row(run, "only")["status"] == "failed"
