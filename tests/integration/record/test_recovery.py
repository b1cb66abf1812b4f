"""Retry, skip and abort: an operator's actions on a failed run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from baton.errors import Conflict, Forbidden, Invalid, NotFound, RunEnded, StaleGeneration, StepExhausted
from baton.model import Role
from baton.store.database import Database
from baton.store.recovery import Recoveries
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.recovery import AbortRequest, RecoverRun, RetryRequest, SkipRequest

from .engine import FETCH, SUMMARIZE, EngineFixture
from .fakes import answer, kpi_answer, refusal

# A fork: `look` waits for a person while `work` fails; `end` needs both.
DIAMOND = """
    metadata: {name: diamond, displayName: Diamond, version: 1.0.0, description: two branches and an end}
    orchestration:
      error_handling: {on_step_failure: {retry_count: 0}}
      steps:
        - id: look
          name: Look
          agent: summarizer
          output_mapping: {text: $.content.deliverable.content}
          checkpoint_after:
            question: Is it right?
            options: [{action: continue, label: Go on}, {action: retry, label: Again}, {action: abort, label: Stop}]
        - id: work
          name: Work
          agent: summarizer
          input: {context: {depth: 1, width: 2}}
          output_mapping: {text: $.content.deliverable.content}
        - id: end
          name: End
          agent: summarizer
          depends_on: [look, work]
          input: {context: {look: "{{ steps.look.text }}", work: "{{ steps.work.text }}"}}
"""


@dataclass
class Operator:
    """The operator's actions on the engine of the test."""

    engine: EngineFixture
    recover: RecoverRun

    def retry(self, run: LaunchedRun, step_id: str | None = None, caller: Any = None, **request: Any) -> dict[str, Any]:
        return self.recover.retry(caller or self.engine.caller, RetryRequest(run.run_id, step_id, **request))

    def skip(self, run: LaunchedRun, step_id: str | None = None, **request: Any) -> dict[str, Any]:
        return self.recover.skip(self.engine.caller, SkipRequest(run.run_id, step_id, **request))

    def abort(self, run: LaunchedRun, note: str | None = None) -> dict[str, Any]:
        return self.recover.abort(self.engine.caller, AbortRequest(run.run_id, note))

    def starts_and_stops(self) -> list[tuple[str, int]]:
        """Starts and stops since the last call, in their order: kind and generation."""
        found = [e for e in self.engine.effects.effects if e.kind in ("start", "stop")]
        self.engine.effects.effects.clear()
        return [(effect.kind, effect.payload["generation"]) for effect in found]


@pytest.fixture
def operator(engine: EngineFixture, login_url: Any) -> Iterator[Operator]:
    database = Database(login_url("api"))
    yield Operator(engine, RecoverRun(Recoveries(database), engine.effects))
    database.close()


def fail(engine: EngineFixture, run: LaunchedRun | str, step_id: str = FETCH, generation: int = 1) -> None:
    engine.agents.script = [refusal("unknown KPI", retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(run, step_id, generation=generation)


@pytest.fixture
def failed_run(engine: EngineFixture) -> LaunchedRun:
    """A run of kpi-tracking whose first step has failed for good."""
    run = engine.launch()
    fail(engine, run)
    engine.effects.effects.clear()
    return run


def test_a_retry_starts_the_next_execution_and_tries_the_failed_step_again(
    engine: EngineFixture, operator: Operator, failed_run: LaunchedRun
) -> None:
    answered = operator.retry(failed_run, note="the KPI exists now")

    assert answered == {
        "runId": failed_run.run_id, "organization": "demo", "action": "retry", "status": "running", "generation": 2,
        "stepId": FETCH,
    }  # fmt: skip
    assert operator.starts_and_stops() == [("stop", 1), ("start", 2)]
    row = engine.run(failed_run)
    assert (row["status"], row["error"], row["completed_at"]) == ("running", None, None)
    step = engine.step_row(failed_run, FETCH)
    assert (step["status"], step["attempt_number"], step["failures"]) == ("pending", 2, 0)
    assert engine.event_types(failed_run)[-1] == "run.updated"
    engine.agents.script = [kpi_answer()]
    engine.step(failed_run, FETCH, generation=2)
    assert engine.status(failed_run, FETCH) == "checkpoint"


def test_the_dead_executions_calls_are_refused_after_a_retry(
    engine: EngineFixture, operator: Operator, failed_run: LaunchedRun
) -> None:
    operator.retry(failed_run)
    with pytest.raises(StaleGeneration):
        engine.step(failed_run, FETCH)


def test_a_retry_takes_changes_of_parameters_and_input_as_a_decision_does(
    engine: EngineFixture, operator: Operator, failed_run: LaunchedRun
) -> None:
    operator.retry(failed_run, modifications={"grouping": "week", "context": {"kpiNames": ["arr"]}})
    assert engine.run(failed_run)["parameter_overrides"] == {"grouping": "week"}
    engine.agents.script = [kpi_answer()]
    engine.step(failed_run, FETCH, generation=2)
    context = engine.agents.asked[-1]["payload"]["context"]
    assert (context["grouping"], context["kpiNames"], context["startDate"]) == ("week", ["arr"], "2024-07-01")


def test_invalid_changes_are_refused_by_field(operator: Operator, failed_run: LaunchedRun) -> None:
    with pytest.raises(Invalid) as refused:
        operator.retry(failed_run, modifications={"grouping": "fortnight"})
    assert [problem.field for problem in refused.value.problems] == ["modifications.grouping"]


def test_completed_steps_answer_from_the_record_in_the_next_execution(
    engine: EngineFixture, operator: Operator
) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "continue")
    fail(engine, run, SUMMARIZE)
    operator.retry(run)

    calls = len(engine.agents.asked)
    assert engine.step(run, FETCH, generation=2) == {"step_id": FETCH, "status": "completed"}
    engine.effects.effects.clear()
    engine.checkpoint(run, FETCH, "token-2", generation=2)
    assert [e.payload["decision"] for e in engine.effects.effects if e.kind == "complete"] == ["continue"]
    assert len(engine.agents.asked) == calls
    engine.agents.script = [answer("# Summary")]
    engine.step(run, SUMMARIZE, generation=2)
    assert engine.run(run)["status"] == "completed"


def test_a_retry_is_made_once(operator: Operator, failed_run: LaunchedRun) -> None:
    operator.retry(failed_run)
    with pytest.raises(Conflict, match="the run is running"):
        operator.retry(failed_run)


@pytest.mark.parametrize("action", ["retry", "skip"])
def test_a_run_that_did_not_fail_is_neither_retried_nor_skipped(
    engine: EngineFixture, operator: Operator, action: str
) -> None:
    run = engine.launch()
    with pytest.raises(Conflict, match="pending"):
        getattr(operator, action)(run)
    operator.abort(run)
    with pytest.raises(Conflict, match="aborted, and only a failed run can be .*fork"):
        getattr(operator, action)(run)


def test_only_a_step_that_failed_is_retried(engine: EngineFixture, operator: Operator, failed_run: LaunchedRun) -> None:
    with pytest.raises(Conflict, match=f"{SUMMARIZE} is pending"):
        operator.retry(failed_run, SUMMARIZE)
    with pytest.raises(Invalid, match="did you mean `fetch-kpi-data`"):
        operator.retry(failed_run, "fetch-kpi-date")


def test_only_an_operator_recovers(engine: EngineFixture, operator: Operator, failed_run: LaunchedRun) -> None:
    with pytest.raises(Forbidden, match="operator"):
        operator.retry(failed_run, caller=engine.member(Role.APPROVER, Role.ADMIN))
    engine.owner.execute("insert into organizations (slug, name) values ('other', 'Other')")
    with pytest.raises(NotFound):
        operator.retry(failed_run, caller=engine.member(Role.OPERATOR, organization="other"))
    with pytest.raises(NotFound):
        operator.retry(failed_run, organization="other")


def test_a_siblings_approval_stays_decidable_and_serves_the_next_execution(
    engine: EngineFixture, operator: Operator
) -> None:
    run = engine.start(DIAMOND)
    engine.agents.script = [answer("looked")]
    engine.step(run, "look")
    approval = engine.checkpoint(run, "look")
    fail(engine, run, "work")
    assert engine.run(run)["status"] == "failed"

    assert engine.decide(approval, "continue")["runStatus"] == "failed"
    assert operator.retry(run)["status"] == "running"
    engine.effects.effects.clear()
    assert engine.step(run, "look", generation=2)["status"] == "completed"
    engine.checkpoint(run, "look", "token-2", generation=2)
    assert "complete" in engine.effects.kinds()


def test_a_pending_approval_waits_in_the_next_execution(engine: EngineFixture, operator: Operator) -> None:
    run = engine.start(DIAMOND)
    engine.agents.script = [answer("looked")]
    engine.step(run, "look")
    approval = engine.checkpoint(run, "look")
    fail(engine, run, "work")

    assert operator.retry(run)["status"] == "checkpoint"
    assert engine.checkpoint(run, "look", "token-2", generation=2) == approval
    assert engine.decide(approval, "continue")["runStatus"] == "running"


def test_a_running_step_of_the_dead_execution_is_taken_over(engine: EngineFixture, operator: Operator) -> None:
    run = engine.start(DIAMOND)
    engine.agents.script = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        engine.step(run, "look")
    fail(engine, run, "work")
    operator.retry(run)

    assert engine.status(run, "look") == "running"
    engine.agents.script = [answer("looked")]
    assert engine.step(run, "look", generation=2)["status"] == "checkpoint"
    assert engine.step_row(run, "look")["attempt_number"] == 1  # the same idempotency key


def test_every_step_that_failed_is_tried_again(
    engine: EngineFixture, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = engine.start(DIAMOND)

    def fail_after_the_other(*_: Any) -> Any:
        monkeypatch.undo()
        fail(engine, run, "work")
        raise refusal("no more than the other", retryable=True)

    monkeypatch.setattr(engine.agents, "call", fail_after_the_other)
    with pytest.raises(StepExhausted):
        engine.step(run, "look")
    assert [engine.status(run, step) for step in ("look", "work")] == ["failed", "failed"]
    operator.retry(run, "work", modifications={"context": {"depth": 3}})
    assert [engine.status(run, step) for step in ("look", "work")] == ["pending", "pending"]
    engine.agents.script = [answer()]
    engine.step(run, "work", generation=2)
    assert engine.agents.asked[-1]["payload"]["context"] == {"depth": 3, "width": 2}


def test_a_skipped_step_has_the_operators_outputs(engine: EngineFixture, operator: Operator) -> None:
    run = engine.start(DIAMOND)
    engine.agents.script = [answer("looked")]
    engine.step(run, "look")
    engine.decide(engine.checkpoint(run, "look"), "continue")
    fail(engine, run, "work")

    answered = operator.skip(run, replacement_output={"text": "by hand"}, note="done by hand")
    assert (answered["status"], answered["stepId"]) == ("running", "work")
    assert engine.event_types(run)[-2:] == ["step.skipped", "run.updated"]
    assert engine.step(run, "work", generation=2)["status"] == "skipped"
    engine.agents.script = [answer()]
    engine.step(run, "end", generation=2)
    assert engine.agents.asked[-1]["payload"]["context"] == {"look": "looked", "work": "by hand"}
    assert engine.run(run)["status"] == "completed"


def test_a_skipped_step_without_replacement_outputs_has_null_outputs(engine: EngineFixture, operator: Operator) -> None:
    run = engine.start(DIAMOND)
    fail(engine, run, "work")
    operator.skip(run)
    assert engine.run(run)["results"]["steps"] == {"work": {"text": None}}
    assert engine.step_row(run, "work")["skip_reason"] == "skipped"


def test_outputs_for_a_step_that_failed_without_its_run_reach_its_dependents(
    engine: EngineFixture, operator: Operator
) -> None:
    run = engine.start(DIAMOND.replace("name: Work", "name: Work\n          continue_on_failure: true"))
    fail(engine, run, "work")
    assert engine.run(run)["results"]["steps"] == {"work": {}}
    fail(engine, run, "look")
    operator.skip(run, "work", replacement_output={"text": "by hand"})

    engine.agents.script = [answer("looked")]
    engine.step(run, "look", generation=2)
    engine.decide(engine.checkpoint(run, "look", generation=2), "continue")
    engine.agents.script = [answer()]
    engine.step(run, "end", generation=2)
    assert engine.agents.asked[-1]["payload"]["context"] == {"look": "looked", "work": "by hand"}


def test_the_result_of_a_step_with_an_expired_checkpoint_stays_with_its_attempt_when_the_step_is_skipped(
    engine: EngineFixture, operator: Operator
) -> None:
    run = engine.start(
        DIAMOND.replace("question:", "timeout_seconds: 60\n            on_timeout: fail\n            question:")
    )
    engine.agents.script = [answer("looked")]
    engine.step(run, "look")
    engine.checkpoint(run, "look")
    engine.owner.execute("update human_approvals set expires_at = now()")
    with pytest.raises(StepExhausted):
        engine.expire(run, "look")
    operator.skip(run, replacement_output={"text": "by hand"})

    attempt = engine.one("select status, outputs from orchestration_step_attempts where run_id = %s", run.run_id)
    assert attempt == {"status": "completed", "outputs": {"text": "looked"}}
    assert engine.step_row(run, "look")["outputs"] == {"text": "by hand"}
    engine.effects.effects.clear()
    engine.checkpoint(run, "look", "token-2", generation=2)
    assert [e.payload["decision"] for e in engine.effects.effects if e.kind == "complete"] == ["continue"]


def test_skipping_the_last_step_completes_the_run(engine: EngineFixture, operator: Operator) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "continue")
    fail(engine, run, SUMMARIZE)
    assert operator.skip(run)["status"] == "completed"
    assert engine.event_types(run)[-1] == "run.completed"


def test_a_skipped_step_opens_no_approval(engine: EngineFixture, operator: Operator, failed_run: LaunchedRun) -> None:
    operator.skip(failed_run)
    engine.effects.effects.clear()
    engine.checkpoint(failed_run, FETCH, generation=2)
    assert [e.payload["decision"] for e in engine.effects.effects if e.kind == "complete"] == ["continue"]
    assert engine.run(failed_run)["status"] == "running"


def test_an_output_that_the_step_does_not_have_is_refused(operator: Operator, failed_run: LaunchedRun) -> None:
    with pytest.raises(
        Invalid, match=r"replacementOutput\.query_result: is not an output.*did you mean `query_results`"
    ):
        operator.skip(failed_run, replacement_output={"query_result": []})


def test_an_output_that_is_too_large_is_refused(operator: Operator, failed_run: LaunchedRun) -> None:
    numbers = [Decimal("1E+1000")] * 5_000  # with all their digits, 5 MB in the record
    with pytest.raises(Invalid, match="replacementOutput: has 5,0.* the limit is 4,194,304"):
        operator.skip(failed_run, replacement_output={"query_results": numbers})


def test_a_definition_can_forbid_to_skip_a_step(engine: EngineFixture, operator: Operator) -> None:
    run = engine.start(DIAMOND.replace("{retry_count: 0}", "{retry_count: 0, allowSkip: false}"))
    fail(engine, run, "work")
    with pytest.raises(Conflict, match="does not allow skipping work"):
        operator.skip(run)


def test_an_abort_ends_the_run_and_everything_open_in_it(engine: EngineFixture, operator: Operator) -> None:
    run = engine.start(DIAMOND)
    engine.agents.script = [answer("looked")]
    engine.step(run, "look")
    approval = engine.checkpoint(run, "look")
    engine.effects.effects.clear()

    assert operator.abort(run, "not needed") == {
        "runId": run.run_id, "organization": "demo", "action": "abort", "status": "aborted", "generation": 1,
    }  # fmt: skip
    assert [engine.status(run, step) for step in ("look", "work", "end")] == ["skipped"] * 3
    assert operator.starts_and_stops() == [("stop", 1)]
    assert engine.event_types(run)[-1] == "run.aborted"
    with pytest.raises(Conflict, match="aborted"):
        engine.decide(approval, "continue")
    with pytest.raises(RunEnded):
        engine.step(run, "work")


def test_an_abort_sent_again_gets_the_same_answer(engine: EngineFixture, operator: Operator) -> None:
    run = engine.launch()
    first = operator.abort(run)
    assert operator.abort(run) == first
    assert engine.event_types(run).count("run.aborted") == 1


def test_a_run_that_has_ended_is_not_aborted(operator: Operator, failed_run: LaunchedRun) -> None:
    with pytest.raises(Conflict, match="the run is failed"):
        operator.abort(failed_run)
