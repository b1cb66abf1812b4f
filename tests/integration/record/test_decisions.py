"""Checkpoints and the decisions that people take at them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from baton import invocation
from baton.errors import Conflict, Forbidden, Invalid, NotFound, RunEnded, StaleGeneration, WrongMachine
from baton.model import Role
from baton.store.database import Database
from baton.store.reads import Reads
from baton.usecases.launch_run import LaunchedRun

from .engine import FETCH, SUMMARIZE, EngineFixture
from .fakes import answer, kpi_answer

WEEKLY = {"grouping": "week", "context": {"kpiNames": ["arr", "churn"]}}


@pytest.fixture
def run(engine: EngineFixture) -> LaunchedRun:
    """A run whose first step is done and waits for a person."""
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    return run


def test_the_approval_shows_question_and_options(engine: EngineFixture, run: LaunchedRun) -> None:
    approval = engine.one("select * from human_approvals where id = %s", engine.checkpoint(run, FETCH))
    assert approval["status"] == "pending"
    assert approval["question"].endswith("?")
    assert [option["action"] for option in approval["options"]] == ["continue", "retry", "abort"]
    assert (approval["step_id"], approval["attempt_number"]) == (FETCH, 1)


def test_the_log_names_the_attempt_of_a_checkpoint_and_of_its_decision(engine: EngineFixture, run: LaunchedRun) -> None:
    fields = invocation.begin()
    approval = engine.checkpoint(run, FETCH)
    assert fields == {"attempt": 1, "organization": "demo"}
    fields = invocation.begin()
    engine.decide(approval, "continue")
    assert fields == {"step": FETCH, "attempt": 1}


def test_retry_runs_the_step_again_with_the_parameter_overridden_and_the_input_merged(
    engine: EngineFixture, run: LaunchedRun
) -> None:
    decided = engine.decide(engine.checkpoint(run, FETCH), "retry", modifications=WEEKLY, notes="by week")
    assert decided["runStatus"] == "running"
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)

    context = engine.agents.asked[-1]["payload"]["context"]
    assert context["grouping"] == "week"
    assert context["kpiNames"] == ["arr", "churn"]
    assert context["startDate"] == "2024-07-01"  # objects merge: unnamed keys stay
    assert engine.agents.asked[-1]["run"]["attemptNumber"] == 2
    record = engine.run(run)
    assert record["parameters"]["grouping"] == "month"
    assert record["parameter_overrides"] == {"grouping": "week"}
    assert engine.step_row(run, FETCH)["attempt_number"] == 2


def test_a_retry_asks_again_about_its_own_attempt(engine: EngineFixture, run: LaunchedRun) -> None:
    first = engine.checkpoint(run, FETCH)
    engine.decide(first, "retry")
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    second = engine.checkpoint(run, FETCH, "token-2")
    assert second != first
    assert engine.one("select attempt_number from human_approvals where id = %s", second)["attempt_number"] == 2
    assert engine.run(run)["status"] == "checkpoint"


def test_an_approval_shows_the_reviewed_outputs_also_after_the_step_was_tried_again(
    engine: EngineFixture, run: LaunchedRun, login_url: Callable[[str], str]
) -> None:
    first = engine.checkpoint(run, FETCH)
    engine.decide(first, "retry")
    engine.agents.script = [answer('[{"kpi":"churn"}]', sql="select 2", rowCount=2, kpiNames=["churn"], grouping="day")]
    engine.step(run, FETCH)
    second = engine.checkpoint(run, FETCH, "token-2")
    with closing(Database(login_url("api"))) as database:
        shown = [Reads(database).approval(engine.caller, approval)["outputs"] for approval in (first, second)]
    assert [outputs["row_count"] for outputs in shown] == [1, 2]


def test_a_persons_retry_resets_the_automatic_retries(engine: EngineFixture, run: LaunchedRun) -> None:
    engine.owner.execute("update orchestration_steps set failures = 2 where step_id = %s", (FETCH,))
    engine.decide(engine.checkpoint(run, FETCH), "retry")
    assert engine.step_row(run, FETCH)["failures"] == 0


def test_abort_ends_the_run_and_everything_open_in_it(engine: EngineFixture, run: LaunchedRun) -> None:
    decided = engine.decide(engine.checkpoint(run, FETCH), "abort", notes="wrong company")
    assert decided["runStatus"] == "aborted"
    rows = engine.all("select status, skip_reason from orchestration_steps where run_id = %s", run.run_id)
    assert [(row["status"], row["skip_reason"]) for row in rows] == [("skipped", "aborted")] * 2
    stop = [effect for effect in engine.effects.effects if effect.kind == "stop"]
    assert [effect.payload["generation"] for effect in stop] == [1]
    assert engine.event_types(run)[-4:] == ["checkpoint.resolved", "step.skipped", "step.skipped", "run.aborted"]


def test_the_same_decision_sent_again_gets_the_same_answer(engine: EngineFixture, run: LaunchedRun) -> None:
    approval = engine.checkpoint(run, FETCH)
    first = engine.decide(approval, "retry", modifications=WEEKLY)
    assert engine.decide(approval, "retry", modifications=WEEKLY) == first
    assert engine.step_row(run, FETCH)["attempt_number"] == 2


@pytest.mark.parametrize("second", [("abort", {}), ("retry", {"grouping": "day"}), ("continue", {})])
def test_a_second_contrary_decision_is_refused(
    engine: EngineFixture, run: LaunchedRun, second: tuple[str, dict[str, object]]
) -> None:
    approval = engine.checkpoint(run, FETCH)
    engine.decide(approval, "retry", modifications=WEEKLY)
    with pytest.raises(Conflict, match="decided already: retry"):
        engine.decide(approval, second[0], modifications=second[1])
    assert engine.run(run)["parameter_overrides"] == {"grouping": "week"}


def test_a_decision_after_the_end_is_refused(engine: EngineFixture, run: LaunchedRun) -> None:
    approval = engine.checkpoint(run, FETCH)
    engine.owner.execute("update orchestration_runs set status = 'aborted', completed_at = now()")
    with pytest.raises(Conflict, match="aborted"):
        engine.decide(approval, "continue")


@pytest.mark.parametrize("roles", [(Role.VIEWER,), (Role.OPERATOR, Role.ADMIN)])
def test_only_an_approver_decides(engine: EngineFixture, run: LaunchedRun, roles: tuple[Role, ...]) -> None:
    approval = engine.checkpoint(run, FETCH)
    with pytest.raises(Forbidden, match="approver"):
        engine.decide(approval, "continue", caller=engine.member(*roles))
    assert engine.one("select status from human_approvals where id = %s", approval)["status"] == "pending"


@pytest.mark.parametrize("login", ["api", "checkpoint"])
def test_the_checkpoint_functions_login_cannot_write_a_decision(
    engine: EngineFixture, run: LaunchedRun, login_url: Callable[[str], str], login: str
) -> None:
    with psycopg.connect(login_url(login)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(
            "insert into human_approvals (run_id, organization_id, step_id, attempt_number, question, options, status,"
            " decision, decided_by, decided_at) select run_id, organization_id, step_id, 1, '?', '[]', 'decided',"
            " 'continue', %s, now() from orchestration_steps where run_id = %s limit 1",
            (engine.caller.user_id, run.run_id),
        )


def test_the_approval_of_another_organisation_does_not_exist(engine: EngineFixture, run: LaunchedRun) -> None:
    approval = engine.checkpoint(run, FETCH)
    engine.owner.execute("insert into organizations (slug, name) values ('other', 'Other')")
    with pytest.raises(NotFound):
        engine.decide(approval, "continue", caller=engine.member(Role.APPROVER, organization="other"))
    with pytest.raises(NotFound):
        engine.decide(approval, "continue", organization="other")


@pytest.mark.parametrize(
    ("decision", "modifications", "field"),
    [
        ("retry", {"grouping": "fortnight"}, "modifications.grouping"),
        ("retry", {"start_date": "2025-01-01"}, "start_date"),  # after the end date
        ("continue", {"grouping": "week"}, "modifications"),
    ],
)
def test_an_invalid_decision_is_refused_by_field_and_the_approval_stays_pending(
    engine: EngineFixture, run: LaunchedRun, decision: str, modifications: dict[str, object], field: str
) -> None:
    approval = engine.checkpoint(run, FETCH)
    with pytest.raises(Invalid) as refused:
        engine.decide(approval, decision, modifications=modifications)
    assert field in refused.value.problems[0].field
    assert engine.one("select status from human_approvals where id = %s", approval)["status"] == "pending"


def test_a_checkpoint_opened_again_gets_a_newer_token_for_the_same_approval(
    engine: EngineFixture, run: LaunchedRun
) -> None:
    first = engine.checkpoint(run, FETCH, "token-1")
    assert engine.checkpoint(run, FETCH, "token-2") == first
    tokens = engine.all("select token from baton.checkpoint_tokens where approval_id = %s order by id", first)
    assert [row["token"] for row in tokens] == ["token-1", "token-2"]
    assert engine.event_types(run).count("checkpoint.requested") == 1


def test_a_checkpoint_opened_after_its_decision_is_answered_at_once(engine: EngineFixture, run: LaunchedRun) -> None:
    approval = engine.checkpoint(run, FETCH)
    engine.decide(approval, "continue")
    engine.effects.effects.clear()
    engine.checkpoint(run, FETCH, "token-of-the-next-execution")
    (answered,) = engine.effects.effects
    assert answered.kind == "complete"
    assert answered.payload == {"approvalId": approval, "decision": "continue"}


def test_a_token_that_is_sent_twice_is_stored_and_answered_once(engine: EngineFixture, run: LaunchedRun) -> None:
    approval = engine.checkpoint(run, FETCH)
    engine.decide(approval, "continue")
    assert [engine.checkpoint(run, FETCH, token) for token in ("newer", "newer", "token")] == [approval] * 3
    orders = engine.all("select 1 from baton.outbox where kind = 'complete'")
    tokens = engine.all("select token from baton.checkpoint_tokens order by id")
    assert (len(orders), [row["token"] for row in tokens]) == (2, ["token", "newer"])


def test_a_retry_that_was_decided_but_not_delivered_is_answered_before_the_step_runs_again(
    engine: EngineFixture, run: LaunchedRun
) -> None:
    approval = engine.checkpoint(run, FETCH)
    engine.decide(approval, "retry")
    engine.effects.effects.clear()
    assert engine.checkpoint(run, FETCH, "token-of-a-retried-task") == approval
    assert [effect.payload["decision"] for effect in engine.effects.effects] == ["retry"]


def test_no_approval_is_opened_in_a_run_that_has_ended_or_a_newer_generation(
    engine: EngineFixture, run: LaunchedRun
) -> None:
    with pytest.raises(StaleGeneration):
        engine.checkpoint(run, FETCH, generation=2)
    with pytest.raises(WrongMachine):
        engine.open_checkpoint(replace(engine.waiting_task(run, FETCH, "token"), digest="another machine's"))
    with pytest.raises(StaleGeneration, match="not waiting"):
        engine.checkpoint(run, SUMMARIZE)
    engine.decide(engine.checkpoint(run, FETCH), "abort")
    with pytest.raises(RunEnded):
        engine.checkpoint(run, FETCH, "token-of-a-retried-task")


def test_a_checkpoint_that_is_opened_after_its_decision_completed_the_run_gets_the_answer(
    engine: EngineFixture, run: LaunchedRun
) -> None:
    engine.owner.execute(
        "update orchestration_steps set status = 'completed', outputs = '{}', completed_at = now() where step_id = %s",
        (SUMMARIZE,),
    )
    approval = engine.checkpoint(run, FETCH)
    assert engine.decide(approval, "continue")["runStatus"] == "completed"
    engine.effects.effects.clear()
    assert engine.checkpoint(run, FETCH, "token-of-a-retried-task") == approval
    assert [effect.payload["decision"] for effect in engine.effects.effects] == ["continue"]


def test_the_last_steps_checkpoint_completes_the_run_only_after_the_decision(
    engine: EngineFixture, run: LaunchedRun
) -> None:
    approval = engine.checkpoint(run, FETCH)
    engine.owner.execute(
        "update orchestration_steps set status = 'completed', outputs = '{}', completed_at = now() where step_id = %s",
        (SUMMARIZE,),
    )
    assert engine.run(run)["status"] == "checkpoint"
    assert engine.decide(approval, "continue")["runStatus"] == "completed"
    assert engine.event_types(run)[-2:] == ["step.completed", "run.completed"]


def test_a_sibling_that_finishes_while_a_person_decides_leaves_the_run_at_its_checkpoint(
    engine: EngineFixture, run: LaunchedRun
) -> None:
    engine.checkpoint(run, FETCH)
    engine.owner.execute("update orchestration_steps set depends_on = '{}'")
    engine.agents.script = [answer("# Summary")]
    engine.step(run, SUMMARIZE)
    assert engine.run(run)["status"] == "checkpoint"
    assert "run.completed" not in engine.event_types(run)
