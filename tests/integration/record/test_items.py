"""for_each steps: a list is expanded, every item runs as a step of its own, and their outputs are collected."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import AgentCallFailed, RunEnded, StepExhausted, StepFailed

from .engine import EngineFixture
from .fakes import answer

REGIONS = """
    metadata: {name: regions, displayName: Regions, version: 1.0.0, description: one call a region}
    orchestration:
      parameters:
        - {name: regions, type: "string[]", required: true}
      error_handling: {on_step_failure: {retry_count: 1}}
      steps:
        - id: report
          name: Report
          agent: summarizer
          for_each: "{{ parameters.regions }}"
          as: region
          input: {userMessage: "Report on {{ region }}"}
          output_mapping: {text: $.content.deliverable.content}
        - id: merge
          name: Merge
          agent: summarizer
          depends_on: [report]
          input: {context: {texts: "{{ steps.report.text }}"}}
"""

CHECKPOINT = """          checkpoint_after:
            question: Right?
            options: [{action: continue, label: Go on}, {action: retry, label: Again, allows_modification: true}]
"""


def test_outputs_are_collected_in_the_order_of_the_items(engine: EngineFixture) -> None:
    run = engine.start(REGIONS, regions=["north", "south"])
    assert engine.step(run, "report", "expand")["items"] == [0, 1]
    engine.agents.script = [answer("South is fine."), answer("North is fine.")]
    engine.step(run, "report[1]")
    engine.step(run, "report[0]")
    assert engine.step(run, "report", "gather") == {"step_id": "report", "status": "completed"}

    assert [task["payload"]["userMessage"] for task in engine.agents.asked] == ["Report on south", "Report on north"]
    assert engine.agents.asked[0]["idempotencyKey"] == f"{run.run_id}:report[1]:1"
    results = engine.run(run)["results"]["steps"]
    assert results == {"report": {"text": ["North is fine.", "South is fine."]}}
    engine.agents.script = [answer()]
    engine.step(run, "merge")
    assert engine.agents.asked[-1]["payload"]["context"]["texts"] == ["North is fine.", "South is fine."]
    assert engine.run(run)["status"] == "completed"


def test_attempts_are_kept_per_item(engine: EngineFixture) -> None:
    run = engine.start(REGIONS, regions=["north", "south"])
    engine.step(run, "report", "expand")
    engine.agents.script = [AgentCallFailed("AgentRefused", "busy", retryable=True), answer(), answer()]
    with pytest.raises(StepFailed):
        engine.step(run, "report[0]")
    engine.step(run, "report[0]")
    engine.step(run, "report[1]")
    numbers = {row["step_id"]: row["attempt_number"] for row in engine.all("select * from orchestration_steps")}
    assert (numbers["report[0]"], numbers["report[1]"]) == (2, 1)
    (failed,) = engine.all("select data from orchestration_events where type = 'orchestration.step.failed'")
    assert (failed["data"]["stepId"], failed["data"]["itemIndex"]) == ("report", 0)


def test_an_item_that_fails_for_good_fails_the_run_at_its_step(engine: EngineFixture) -> None:
    run = engine.start(REGIONS, regions=["north"])
    engine.step(run, "report", "expand")
    engine.agents.script = [AgentCallFailed("AgentRefused", "no such region", retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(run, "report[0]")
    assert engine.run(run)["status"] == "failed"
    assert engine.run(run)["error"]["stepId"] == "report"
    step = engine.step_row(run, "report")
    assert (step["status"], step["error"]["message"]) == ("failed", "no such region")


def test_an_empty_list_has_empty_outputs(engine: EngineFixture) -> None:
    run = engine.start(REGIONS, regions=[])
    assert engine.step(run, "report", "expand")["items"] == []
    engine.step(run, "report", "gather")
    assert engine.run(run)["results"]["steps"]["report"] == {"text": []}


def test_an_item_may_be_null_and_has_no_checkpoint_of_its_own(engine: EngineFixture) -> None:
    asking = REGIONS.replace("          for_each:", f"{CHECKPOINT}          for_each:")
    run = engine.start(asking.replace('"{{ parameters.regions }}"', "[null, south]"), regions=[])
    engine.step(run, "report", "expand")
    engine.agents.script = [answer(), answer()]
    assert engine.step(run, "report[0]")["status"] == "completed"
    engine.step(run, "report[1]")
    assert engine.step(run, "report", "gather")["status"] == "checkpoint"
    engine.decide(engine.checkpoint(run, "report"), "continue")
    engine.agents.script = [answer()]
    engine.step(run, "merge")
    assert engine.run(run)["status"] == "completed"


def test_a_repeated_expansion_keeps_the_results_of_the_items(engine: EngineFixture) -> None:
    run = engine.start(REGIONS, regions=["north", "south"])
    engine.step(run, "report", "expand")
    engine.agents.script = [answer("North is fine.")]
    engine.step(run, "report[0]")
    assert engine.step(run, "report", "expand")["items"] == [1]
    assert engine.step(run, "report[0]")["status"] == "completed"
    assert len(engine.agents.asked) == 1


def test_a_persons_retry_starts_every_item_again(engine: EngineFixture) -> None:
    asking = REGIONS.replace("          for_each:", f"{CHECKPOINT}          for_each:")
    run = engine.start(asking, regions=["north", "south"])
    engine.step(run, "report", "expand")
    engine.agents.script = [answer(), answer()]
    engine.step(run, "report[0]")
    engine.step(run, "report[1]")
    assert engine.step(run, "report", "gather")["status"] == "checkpoint"
    changes = {"regions": ["east"], "context": {"short": True}}
    engine.decide(engine.checkpoint(run, "report"), "retry", modifications=changes)

    assert engine.step(run, "report", "expand")["items"] == [0]
    engine.agents.script = [answer("East is fine.")]
    engine.step(run, "report[0]")
    assert engine.agents.asked[-1]["payload"] == {"userMessage": "Report on east", "context": {"short": True}}
    engine.step(run, "report", "gather")
    assert engine.step_row(run, "report")["outputs"] == {"text": ["East is fine."]}


@pytest.mark.parametrize("regions", [["r"] * 1001])
def test_a_list_that_is_too_long_fails_the_step(engine: EngineFixture, regions: list[Any]) -> None:
    run = engine.start(REGIONS, regions=regions)
    with pytest.raises(StepExhausted, match="has 1001 items, and `max_items` allows 1000"):
        engine.step(run, "report", "expand")


def test_the_open_items_of_a_step_that_failed_without_its_run_are_closed(engine: EngineFixture) -> None:
    run = engine.start(
        REGIONS.replace("as: region", "as: region\n          continue_on_failure: true"), regions=["a", "b"]
    )
    engine.step(run, "report", "expand")
    engine.agents.script = [AgentCallFailed("AgentRefused", "no", retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(run, "report[0]")
    assert engine.settle(run, "report") == {"step_id": "report", "status": "failed"}
    assert engine.status(run, "report[1]") == "skipped"
    engine.agents.script = [answer()]
    engine.step(run, "merge")
    assert engine.agents.asked[-1]["payload"]["context"] == {"texts": None}
    assert engine.run(run)["status"] == "completed"


TOLERANT = REGIONS.replace("as: region", "as: region\n          continue_on_failure: true")
NO = AgentCallFailed("AgentRefused", "no such region", retryable=False)


def test_a_step_fails_with_the_error_of_its_item(engine: EngineFixture) -> None:
    run = engine.start(TOLERANT, regions=["a"])
    engine.step(run, "report", "expand")
    engine.agents.script = [NO]
    with pytest.raises(StepExhausted):
        engine.step(run, "report[0]")
    engine.settle(run, "report")
    assert engine.step_row(run, "report")["error"]["message"] == "no such region"
    failures = engine.all("select data from orchestration_events where type like '%%failed' order by sequence")
    assert [event["data"]["error"]["message"] for event in failures] == ["no such region"] * 4


@pytest.mark.parametrize("late", [AgentCallFailed("AgentRefused", "busy", retryable=True), answer()])
def test_a_late_result_of_an_item_of_an_abandoned_step_leaves_nothing_open(engine: EngineFixture, late: Any) -> None:
    """An open item would not be tried again, and the run would wait for it until the sweep failed the run."""
    run = engine.start(TOLERANT, regions=["a", "b"])
    engine.step(run, "report", "expand")

    def given_up_meanwhile() -> Any:
        engine.agents.script = [NO]
        with pytest.raises(StepExhausted):
            engine.step(run, "report[0]")
        engine.settle(run, "report")
        return late

    engine.agents.script = [given_up_meanwhile]
    with pytest.raises((StepExhausted, RunEnded)):
        engine.step(run, "report[1]")
    assert engine.status(run, "report[1]") == "skipped"
    engine.agents.script = [answer()]
    engine.step(run, "merge")
    assert engine.run(run)["status"] == "completed"
    assert engine.event_types(run)[-1] == "run.completed"
