"""Instants: the end of an approval's time and of a run's. The record decides, and the sweep acts within a minute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from baton.errors import ApprovalUnavailable, Conflict, RunEnded, StepExhausted
from baton.store.approvals import ExpiredApprovals
from baton.store.database import Database
from baton.usecases.expire_approvals import ExpireApprovals
from baton.usecases.launch_run import LaunchedRun

from .engine import ENGINE, EngineFixture
from .fakes import FakeApprovalFunction, answer
from .preparations import begin_step
from .test_policies import expire_approval
from .test_reconcile import TIMED_OUT, ReconcileFixture, reconciliation
from .test_recovery import Operator, operator

__all__ = ["operator", "reconciliation"]

TIMED = """
    metadata: {name: timed, displayName: Timed, version: 1.0.0, description: an hour for two steps}
    orchestration:
      execution: {timeout_seconds: 3600}
      steps:
        - {id: a, name: A, agent: summarizer}
        - {id: b, name: B, agent: summarizer, depends_on: [a]}
"""


@pytest.fixture
def sweep(engine: EngineFixture, login_url: Any) -> Iterator[ExpireApprovals]:
    database = Database(login_url("relay"))

    def report(approval_id: str, error: Exception) -> None:
        raise AssertionError(approval_id) from error

    yield ExpireApprovals(ExpiredApprovals(database), FakeApprovalFunction(engine.take_decision), ENGINE.id, report)
    database.close()


def seconds_left() -> float:
    return 60.0


def completions(engine: EngineFixture) -> list[tuple[str | None, Any]]:
    """(token, decision) of the Tasks that were told to go on."""
    return [(one.token, one.payload["decision"]) for one in engine.effects.effects if one.kind == "complete"]


# --- approvals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["continue", "retry", "abort"])
def test_after_its_instant_an_approval_takes_no_decision_of_a_person(engine: EngineFixture, decision: str) -> None:
    """Also before the sweep has come."""
    run, approval = expire_approval(engine, "continue")
    with pytest.raises(Conflict, match="has expired: nobody decided it in time"):
        engine.decide(approval, decision)
    assert engine.status(run, "first") == "checkpoint"


def test_the_sweep_takes_the_clocks_decision_and_lets_the_task_go_on(
    engine: EngineFixture, sweep: ExpireApprovals
) -> None:
    run, approval = expire_approval(engine, "continue")
    assert sweep(seconds_left) == 1
    assert engine.one("select status from human_approvals where id = %s", approval)["status"] == "expired"
    assert engine.status(run, "first") == "completed"
    assert completions(engine) == [("token", "continue")]
    assert sweep(seconds_left) == 0


def test_if_the_definition_fails_the_step_the_task_asks_the_record_and_ends(
    engine: EngineFixture, sweep: ExpireApprovals
) -> None:
    run, _ = expire_approval(engine, "fail")
    assert sweep(seconds_left) == 1
    assert completions(engine) == [("token", "fail")]
    assert engine.run(run)["status"] == "failed"
    with pytest.raises(StepExhausted):
        engine.expire(run, "first")


def test_if_the_definition_aborts_the_run_its_execution_is_stopped(
    engine: EngineFixture, sweep: ExpireApprovals
) -> None:
    run, _ = expire_approval(engine, "abort")
    assert sweep(seconds_left) == 1
    assert engine.run(run)["status"] == "aborted"
    assert completions(engine) == []
    assert "stop" in [effect.kind for effect in engine.effects.effects]


def test_before_its_instant_neither_the_sweep_nor_a_task_expires_an_approval(
    engine: EngineFixture, sweep: ExpireApprovals
) -> None:
    run, approval = expire_approval(engine, "continue")
    engine.owner.execute("update human_approvals set expires_at = clock_timestamp() + interval '1 minute'")
    assert sweep(seconds_left) == 0
    engine.decide(approval, "continue")
    assert engine.status(run, "first") == "completed"


def test_a_task_that_times_out_after_the_sweep_gets_the_same_decision(
    engine: EngineFixture, sweep: ExpireApprovals
) -> None:
    run, _ = expire_approval(engine, "continue")
    sweep(seconds_left)
    assert engine.expire(run, "first") == {"decision": "continue"}
    assert engine.event_types(run).count("checkpoint.resolved") == 1


def test_a_new_execution_that_asks_after_the_instant_gets_the_clocks_decision(
    engine: EngineFixture, sweep: ExpireApprovals
) -> None:
    run, _ = expire_approval(engine, "continue")
    sweep(seconds_left)
    engine.next_execution(run)
    engine.checkpoint(run, "first", "token of the next execution", generation=2)
    assert completions(engine)[-1] == (None, "continue"), "only the approval function reads the token"


def test_an_approval_of_a_failed_run_waits_for_the_runs_next_execution(
    engine: EngineFixture, sweep: ExpireApprovals
) -> None:
    run, _ = expire_approval(engine, "continue")
    engine.owner.execute("""update orchestration_runs set status = 'failed', error = '{"type": "x"}',
        completed_at = now()""")
    assert sweep(seconds_left) == 0
    assert engine.status(run, "first") == "checkpoint"


def test_an_approval_function_that_is_away_is_asked_again_by_the_next_sweep(
    engine: EngineFixture, sweep: ExpireApprovals
) -> None:
    class Away:
        def decide(self, command: Any) -> Any:
            raise ApprovalUnavailable("throttled")

    reported: list[str] = []
    _, approval = expire_approval(engine, "continue")
    away = ExpireApprovals(sweep.record, Away(), ENGINE.id, lambda one, error: reported.append(one))
    assert (away(seconds_left), reported) == (0, [approval])
    assert sweep(seconds_left) == 1


# --- runs -----------------------------------------------------------------------------------------------------------


def pass_time(engine: EngineFixture, interval: str) -> None:
    """The run's instants move into the past."""
    engine.owner.execute(
        "update orchestration_runs set ends_at = ends_at - %s::interval, completed_at = completed_at - %s::interval",
        (interval, interval),
    )


def left(engine: EngineFixture, run: LaunchedRun) -> int:
    """Minutes until the run's time is over."""
    query = "select extract(epoch from ends_at - clock_timestamp()) as seconds from orchestration_runs where id = %s"
    return round(float(engine.one(query, run.run_id)["seconds"]) / 60)


def test_a_run_without_a_limit_has_no_instant(engine: EngineFixture) -> None:
    assert engine.run(engine.launch())["ends_at"] is None


def test_after_its_instant_a_run_begins_no_step_and_the_sweep_fails_it(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    run = engine.start(TIMED)
    assert left(engine, run) == 60
    pass_time(engine, "1 hour")
    with pytest.raises(RunEnded):
        engine.step(run, "a")
    assert reconciliation.sweep()["timedOut"] == 1
    ended = engine.run(run)
    assert (ended["status"], ended["error"]["type"]) == ("failed", "States.Timeout")
    assert [effect.kind for effect in engine.effects.effects if effect.kind in ("stop", "start")] == ["start", "stop"]
    assert reconciliation.sweep()["timedOut"] == 0


def test_a_run_that_waits_for_a_person_when_its_time_is_over_takes_no_decision(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    run, approval = expire_approval(engine, "continue")
    engine.owner.execute("update human_approvals set expires_at = now() + interval '1 hour'")
    engine.owner.execute("update orchestration_runs set ends_at = now()")
    with pytest.raises(Conflict, match="expired"):
        engine.decide(approval, "continue")
    assert reconciliation.sweep()["timedOut"] == 1
    assert engine.run(run)["error"]["type"] == "States.Timeout"


def test_an_execution_that_ends_because_the_time_is_over_says_so(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    run = engine.start(TIMED)
    pass_time(engine, "1 hour")
    assert reconciliation.report_end(run, TIMED_OUT) == "settled"
    assert engine.run(run)["error"]["type"] == "States.Timeout"


def test_the_clock_goes_on_in_the_next_execution_and_stands_still_while_the_run_has_failed(
    engine: EngineFixture, reconciliation: ReconcileFixture, operator: Operator
) -> None:
    run = engine.start(TIMED)
    pass_time(engine, "20 minutes")
    engine.agents.script = [answer()]
    engine.step(run, "a")
    reconciliation.report_end(run, TIMED_OUT)
    pass_time(engine, "5 days")
    operator.retry(run)
    assert left(engine, run) == 40
    engine.agents.script = [answer()]
    engine.step(run, "b", generation=2)
    assert engine.run(run)["status"] == "completed"


def test_a_run_that_is_out_of_time_is_forked_instead_of_retried(
    engine: EngineFixture, reconciliation: ReconcileFixture, operator: Operator
) -> None:
    run = engine.start(TIMED)
    begin_step(engine, run, "a")
    pass_time(engine, "1 hour")
    reconciliation.sweep()
    for act in (operator.retry, operator.skip):
        with pytest.raises(Conflict, match="fork the run: the fork has its own time"):
            act(run, step_id="a")
    assert engine.run(run)["generation"] == 1
