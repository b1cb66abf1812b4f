"""A role that is removed after an action has read it and before it writes: the write checks it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from baton.errors import Forbidden
from baton.model import Decision
from baton.store.approvals import ApprovalReads
from baton.store.database import Database
from baton.store.recovery import Recoveries
from baton.store.runs import Forks, Launches
from baton.usecases.approvals import DecisionRequest
from baton.usecases.fork_run import ForkRequest, ForkRun
from baton.usecases.launch_run import LaunchedRun, LaunchRequest, LaunchRun
from baton.usecases.recovery import AbortRequest, RecoverRun, RetryRequest

from .engine import ENGINE, FETCH, PARAMETERS, EngineFixture
from .fakes import answer, kpi_answer, refusal

LOOKS = ("context", "terms", "source")  # where each action reads the caller's roles


class RoleRemovingRecord:
    """A record that removes the caller's roles as soon as an action has read them."""

    def __init__(self, record: Any, engine: EngineFixture) -> None:
        self._record = record
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._record, name)
        return self._look(method) if name in LOOKS else method

    def _look(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def look(**question: Any) -> Any:
            answer = method(**question)
            self._engine.owner.execute(
                "update organization_members set roles = '{viewer}' where user_id = %s", (self._engine.caller.user_id,)
            )
            return answer

        return look


@pytest.fixture
def api(login_url: Callable[[str], str]) -> Iterator[Database]:
    database = Database(login_url("api"))
    yield database
    database.close()


def launch(engine: EngineFixture, api: Database, key: str | None) -> None:
    launch_run = LaunchRun(RoleRemovingRecord(Launches(api), engine), engine.effects, ENGINE)
    launch_run(engine.caller, LaunchRequest("demo", None, "kpi-tracking", None, PARAMETERS, key))


@pytest.mark.parametrize("key", [None, "a key"])
def test_a_former_operator_launches_nothing(engine: EngineFixture, api: Database, key: str | None) -> None:
    with pytest.raises(Forbidden, match="a moment ago"):
        launch(engine, api, key)
    assert engine.all("select from orchestration_runs") == []
    assert engine.all("select from baton.idempotency_keys") == []
    assert engine.effects.effects == []


@pytest.fixture
def failed_run(engine: EngineFixture) -> LaunchedRun:
    run = engine.launch()
    engine.agents.script = [refusal("no", retryable=False)]
    with pytest.raises(Exception, match="no"):
        engine.step(run, FETCH)
    engine.effects.effects.clear()
    return run


def test_a_former_operator_retries_nothing(engine: EngineFixture, api: Database, failed_run: LaunchedRun) -> None:
    recover = RecoverRun(RoleRemovingRecord(Recoveries(api), engine), engine.effects)
    with pytest.raises(Forbidden, match="a moment ago"):
        recover.retry(engine.caller, RetryRequest(failed_run.run_id))
    assert (engine.run(failed_run)["status"], engine.run(failed_run)["generation"]) == ("failed", 1)
    assert engine.effects.effects == []


def test_a_former_operator_aborts_nothing(engine: EngineFixture, api: Database) -> None:
    run = engine.launch()
    engine.agents.script = [answer()]
    engine.step(run, FETCH)
    recover = RecoverRun(RoleRemovingRecord(Recoveries(api), engine), engine.effects)
    with pytest.raises(Forbidden, match="a moment ago"):
        recover.abort(engine.caller, AbortRequest(run.run_id))
    assert engine.run(run)["status"] != "aborted"


def test_a_former_operator_forks_nothing(engine: EngineFixture, api: Database, failed_run: LaunchedRun) -> None:
    fork = ForkRun(RoleRemovingRecord(Forks(api), engine), engine.effects, ENGINE)
    with pytest.raises(Forbidden, match="a moment ago"):
        fork(engine.caller, ForkRequest(failed_run.run_id, FETCH))
    assert len(engine.all("select from orchestration_runs")) == 1


def test_a_former_approver_decides_nothing(engine: EngineFixture, api: Database) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    approval = engine.checkpoint(run, FETCH)
    decide = replace(engine.decide_as, terms=RoleRemovingRecord(ApprovalReads(api), engine))
    with pytest.raises(Forbidden):
        decide(engine.caller, DecisionRequest(approval, Decision.CONTINUE))
    assert engine.one("select status from human_approvals")["status"] == "pending"
    assert engine.status(run, FETCH) == "checkpoint"
