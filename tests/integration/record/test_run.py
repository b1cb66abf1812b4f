"""A run of kpi-tracking through the record, from launch to its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest

from baton.errors import (
    Forbidden,
    Invalid,
    NotFound,
    RunEnded,
    StaleGeneration,
    StepExhausted,
    StepFailed,
    WrongMachine,
)
from baton.model import Role
from baton.ports.steps import StepResult
from baton.store.steps import Steps
from baton.usecases.attempt import Attempts
from baton.usecases.run_step import RunStep
from tests.integration.faults.boundaries import FunctionKilled

from .engine import FETCH, PARAMETERS, SUMMARIZE, EngineFixture
from .fakes import answer, kpi_answer, refusal
from .lost_answers import AnswerLosingDatabase


def test_a_run_goes_from_launch_through_a_decision_to_its_results(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer(), answer("# Summary")]

    assert engine.step(run, FETCH) == {"step_id": FETCH, "status": "checkpoint"}
    approval = engine.checkpoint(run, FETCH)
    assert engine.run(run)["status"] == "checkpoint"
    decided = engine.decide(approval, "continue")
    assert decided["runStatus"] == "running"
    assert engine.step(run, SUMMARIZE) == {"step_id": SUMMARIZE, "status": "completed"}

    record = engine.run(run)
    assert record["status"] == "completed"
    steps = record["results"]["steps"]
    not_mapped = dict.fromkeys(
        ("breakdown", "metrics", "history", "totals", "comparisons", "range_comparisons", "drivers", "range_drivers",
         "to_date", "goals")
    )  # fmt: skip
    assert steps[FETCH] == {
        **not_mapped,
        "query_results": '[{"kpi":"revenue"}]', "sql": "select 1", "row_count": 1, "kpi_names": ["revenue"],
        "grouping": "month", "start_date": PARAMETERS["start_date"], "end_date": PARAMETERS["end_date"],
        "companies": [], "departments": [],
    }  # fmt: skip
    saved = engine.one("select * from deliverables where run_id = %s and step_id = %s", run.run_id, SUMMARIZE)
    assert steps[SUMMARIZE] == {"summary": "# Summary", "summary_deliverable_id": str(saved["id"])}
    assert engine.event_types(run) == [
        "run.created", "run.updated", "step.running", "checkpoint.requested", "run.updated", "checkpoint.resolved",
        "step.completed", "run.updated", "step.running", "step.completed", "run.completed",
    ]  # fmt: skip


def test_every_boundary_returns_the_effects_that_it_wrote(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "continue")
    assert engine.effects.kinds() == [
        "start", "orchestration.run.created", "orchestration.run.updated", "orchestration.step.running",
        "orchestration.checkpoint.requested", "orchestration.run.updated", "complete",
        "orchestration.checkpoint.resolved", "orchestration.step.completed", "orchestration.run.updated",
    ]  # fmt: skip
    kept = engine.all("select id from baton.outbox where run_id = %s", run.run_id)
    assert {str(row["id"]) for row in kept} == {effect.id for effect in engine.effects.effects}


def test_the_agent_gets_the_rendered_input_and_the_record_keeps_both(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    (task,) = engine.agents.asked
    assert task["idempotencyKey"] == f"{run.run_id}:{FETCH}:1"
    assert task["organization"] == "demo"
    assert task["payload"]["context"]["kpiNames"] == ["revenue"]
    runtime = engine.step_row(run, FETCH)["metadata"]["runtime"]
    assert runtime["input"] == task["payload"]
    assert runtime["response"]["payload"]["content"]["deliverable"]["content"] == '[{"kpi":"revenue"}]'


def test_a_step_that_is_done_answers_from_the_record_without_its_agent(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    assert engine.step(run, FETCH) == {"step_id": FETCH, "status": "checkpoint"}
    assert len(engine.agents.asked) == 1


def test_the_last_step_also_answers_from_the_record_after_its_run_completed(engine: EngineFixture) -> None:
    """Its Task is tried again after a lost answer, and its execution must succeed."""
    run = engine.launch()
    engine.agents.script = [kpi_answer(), answer("# Summary")]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "continue")
    outcome = engine.step(run, SUMMARIZE)
    assert engine.run(run)["status"] == "completed"
    assert engine.step(run, SUMMARIZE) == outcome


def test_the_defaults_of_parameters_are_in_the_record(engine: EngineFixture) -> None:
    parameters = {name: value for name, value in PARAMETERS.items() if name != "grouping"}
    run = engine.launch(parameters=parameters)
    assert engine.run(run)["parameters"] == {
        **parameters,
        "grouping": "day",
        "companies": [],
        "departments": [],
        "breakdown": None,
    }


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"organization": "nowhere"}, NotFound),
        ({"organization": "global"}, NotFound),
        ({"agent": "nobody"}, NotFound),
        ({"agent": "summarizer"}, NotFound),
        ({"orchestration": "nothing"}, NotFound),
        ({"version": "9.9.9"}, NotFound),
        ({"parameters": {"kpi_names": ["revenue"]}}, Invalid),
    ],
)
def test_a_launch_that_is_refused_writes_nothing(
    engine: EngineFixture, request_: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        engine.launch(**request_)
    assert engine.all("select 1 from orchestration_runs") == []
    assert engine.all("select 1 from baton.outbox") == []


def test_only_an_operator_launches(engine: EngineFixture) -> None:
    with pytest.raises(Forbidden, match="operator"):
        engine.launch(caller=engine.member(Role.VIEWER, Role.APPROVER, Role.ADMIN))


def test_a_launch_repeated_with_its_key_finds_the_same_run(engine: EngineFixture) -> None:
    first = engine.launch(idempotency_key="monday")
    again = engine.launch(idempotency_key="monday")
    assert (first.created, again.created) == (True, False)
    assert again.run_id == first.run_id
    assert len(engine.all("select 1 from orchestration_runs")) == 1


def test_a_launch_repeated_with_its_key_finds_its_run_also_after_the_definition_changed(engine: EngineFixture) -> None:
    first = engine.launch(idempotency_key="monday")
    engine.owner.execute("update orchestration_definitions set archived_at = now() where name = 'kpi-tracking'")
    assert engine.launch(idempotency_key="monday").run_id == first.run_id
    with pytest.raises(Invalid, match="Idempotency-Key"):
        engine.launch(idempotency_key="monday", version="1.0.0")
    for new in ({"idempotency_key": "tuesday"}, {"idempotency_key": "monday", "caller": engine.member(Role.VIEWER)}):
        with pytest.raises(NotFound):
            engine.launch(**new)


def test_a_key_used_for_another_launch_is_refused(engine: EngineFixture) -> None:
    engine.launch(idempotency_key="monday")
    with pytest.raises(Invalid, match="Idempotency-Key"):
        engine.launch(idempotency_key="monday", parameters={**PARAMETERS, "grouping": "week"})
    assert len(engine.all("select 1 from orchestration_runs")) == 1


def test_a_failed_attempt_is_retried_as_the_definition_says_and_then_the_run_fails(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [refusal(f"no {n}", retryable=True) for n in range(3)]
    for _ in range(2):
        with pytest.raises(StepFailed, match="no "):
            engine.step(run, FETCH)
    assert engine.step_row(run, FETCH)["status"] == "queued"
    with pytest.raises(StepExhausted, match="no 2"):
        engine.step(run, FETCH)

    record = engine.run(run)
    assert record["status"] == "failed"
    assert record["error"] == {"stepId": FETCH, "type": "AgentRefused", "message": "no 2", "retryable": True}
    assert engine.step_row(run, FETCH)["attempt_number"] == 3
    assert engine.event_types(run)[-3:] == ["step.failed", "step_failed", "run.failed"]
    failed = engine.all(
        "select data from orchestration_events where type = 'orchestration.step.failed' order by sequence"
    )
    assert [row["data"]["willRetry"] for row in failed] == [True, True, False]
    assert [row["data"]["attemptNumber"] for row in failed] == [1, 2, 3]


def test_an_error_that_is_not_retryable_fails_at_once(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [refusal("unknown KPI", retryable=False)]
    with pytest.raises(StepExhausted, match="unknown KPI"):
        engine.step(run, FETCH)
    assert engine.run(run)["status"] == "failed"


def test_a_retried_attempt_can_still_succeed(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [refusal("busy", retryable=True), kpi_answer()]
    with pytest.raises(StepFailed):
        engine.step(run, FETCH)
    engine.step(run, FETCH)
    row = engine.step_row(run, FETCH)
    assert (row["status"], row["attempt_number"], row["error"]) == ("checkpoint", 2, None)
    assert [task["idempotencyKey"].rpartition(":")[2] for task in engine.agents.asked] == ["1", "2"]


def test_calls_of_a_replaced_execution_and_of_another_machine_are_refused(engine: EngineFixture) -> None:
    run = engine.launch()
    with pytest.raises(StaleGeneration):
        engine.step(run, FETCH, generation=2)
    with pytest.raises(WrongMachine):
        engine.step(run, FETCH, digest="another")
    with pytest.raises(WrongMachine):
        engine.step(run, "no-such-step")


def test_an_ended_run_takes_no_more_steps(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "abort")
    with pytest.raises(RunEnded):
        engine.step(run, SUMMARIZE)
    assert engine.step_row(run, SUMMARIZE)["status"] == "skipped"


def test_a_crashed_attempt_keeps_its_number_and_uses_up_the_budget(engine: EngineFixture) -> None:
    run = engine.launch()
    for _ in range(3):
        engine.agents.script = [FunctionKilled()]
        with pytest.raises(FunctionKilled):
            engine.step(run, FETCH)
    with pytest.raises(StepExhausted, match="Crashed"):
        engine.step(run, FETCH)
    assert {task["idempotencyKey"] for task in engine.agents.asked} == {f"{run.run_id}:{FETCH}:1"}
    assert engine.event_types(run)[-3:] == ["step.failed", "step_failed", "run.failed"]
    assert engine.one("select deliveries from orchestration_step_attempts")["deliveries"] == 4


def test_a_crash_has_its_event_before_the_attempt_begins_again(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [FunctionKilled(), kpi_answer()]
    with pytest.raises(FunctionKilled):
        engine.step(run, FETCH)
    engine.step(run, FETCH)
    assert engine.event_types(run) == [
        "run.created", "run.updated", "step.running", "step.failed", "step.running",
    ]  # fmt: skip


def test_a_failure_with_an_unconfirmed_commit_is_recorded_once_and_has_the_same_answer(
    engine: EngineFixture, login_url: Callable[[str], str]
) -> None:
    run = engine.launch()
    with closing(AnswerLosingDatabase(login_url("step"), "fail_step")) as database:
        run_step = RunStep(Attempts(Steps(database), engine.effects, pause=_never_wait), engine.agents)
        engine.agents.script = [refusal(f"no {n}", retryable=True) for n in range(3)]
        for expected in (StepFailed, StepFailed, StepExhausted):
            with pytest.raises(expected, match="no "):
                run_step(engine.delivery(run, FETCH, "run"), lambda: 120.0)
    assert engine.step_row(run, FETCH)["failures"] == 3
    assert engine.event_types(run)[-3:] == ["step.failed", "step_failed", "run.failed"]


def _never_wait(seconds: float) -> None:
    raise AssertionError("a step waited for another delivery that does not exist")


def test_a_second_delivery_of_the_same_attempt_waits_for_the_first(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [FunctionKilled()]
    with pytest.raises(FunctionKilled):
        engine.step(run, FETCH, key="one-try")
    with pytest.raises(AssertionError, match="waited for another delivery"):
        engine.step(run, FETCH, key="one-try")


@pytest.mark.parametrize("late", ["complete", "fail", "skip"])
def test_a_late_result_of_an_earlier_delivery_is_ignored(engine: EngineFixture, late: str) -> None:
    """It seemed to have crashed: another delivery has taken the attempt over and works on it."""
    run, attempts, result = engine.launch(), engine.actions["run"].attempts, StepResult({}, has_checkpoint=False)
    former, owner = (attempts.begin(engine.delivery(run, FETCH, "run"), lambda: 120.0) for _ in range(2))
    say = {
        "complete": lambda: attempts.complete(former, result),
        "fail": lambda: attempts.fail(former, {"type": "Late", "message": "it failed", "retryable": False}),
        "skip": lambda: attempts.skip(former),
    }
    with pytest.raises(RunEnded):
        say[late]()
    assert (engine.status(run, FETCH), engine.run(run)["status"]) == ("running", "running")
    assert attempts.complete(owner, result)["status"] == "completed"
