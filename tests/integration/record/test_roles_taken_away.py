"""A role that is taken away between an action's look at it and its write: the write looks again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from baton.errors import Forbidden
from baton.store.approval import ApprovalReads
from baton.store.database import Database
from baton.store.forks import Forks
from baton.store.launch import Launches
from baton.store.recovery import Recoveries
from baton.usecases.decide import DecisionRequest
from baton.usecases.fork import ForkRequest, ForkRun
from baton.usecases.launch import LaunchedRun, LaunchRequest, LaunchRun
from baton.usecases.recover import AbortRequest, Recover, RetryRequest

from .conftest import ENGINE, FETCH, PARAMETERS, Engine, answer, kpi_answer, refusal

LOOKS = ("context", "terms", "source")  # what each action knows a caller's roles by


class TakenAway:
    """A record whose caller has no role any more as soon as an action has looked at it."""

    def __init__(self, record: Any, engine: Engine) -> None:
        self._record = record
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._record, name)
        return self._look(method) if name in LOOKS else method

    def _look(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def look(**asked: Any) -> Any:
            found = method(**asked)
            self._engine.owner.execute(
                "update organization_members set roles = '{viewer}' where user_id = %s", (self._engine.caller.user_id,)
            )
            return found

        return look


@pytest.fixture
def api(login_url: Callable[[str], str]) -> Iterator[Database]:
    database = Database(login_url("api"))
    yield database
    database.close()


def launch(engine: Engine, api: Database, key: str | None) -> None:
    launch_run = LaunchRun(TakenAway(Launches(api), engine), engine.effects, ENGINE)
    launch_run(engine.caller, LaunchRequest("demo", None, "kpi-tracking", None, PARAMETERS, key))


@pytest.mark.parametrize("key", [None, "a key"])
def test_nothing_is_launched(engine: Engine, api: Database, key: str | None) -> None:
    with pytest.raises(Forbidden, match="a moment ago"):
        launch(engine, api, key)
    assert engine.all("select from orchestration_runs") == []
    assert engine.all("select from baton.idempotency_keys") == []
    assert engine.effects.effects == []


@pytest.fixture
def failed(engine: Engine) -> LaunchedRun:
    run = engine.launch()
    engine.agents.script = [refusal("no", retryable=False)]
    with pytest.raises(Exception, match="no"):
        engine.step(run, FETCH)
    engine.effects.effects.clear()
    return run


def test_nothing_is_retried(engine: Engine, api: Database, failed: LaunchedRun) -> None:
    recover = Recover(TakenAway(Recoveries(api), engine), engine.effects)
    with pytest.raises(Forbidden, match="a moment ago"):
        recover.retry(engine.caller, RetryRequest(failed.run_id))
    assert (engine.run(failed)["status"], engine.run(failed)["generation"]) == ("failed", 1)
    assert engine.effects.effects == []


def test_nothing_is_aborted(engine: Engine, api: Database) -> None:
    run = engine.launch()
    engine.agents.script = [answer()]
    engine.step(run, FETCH)
    recover = Recover(TakenAway(Recoveries(api), engine), engine.effects)
    with pytest.raises(Forbidden, match="a moment ago"):
        recover.abort(engine.caller, AbortRequest(run.run_id))
    assert engine.run(run)["status"] != "aborted"


def test_nothing_is_forked(engine: Engine, api: Database, failed: LaunchedRun) -> None:
    fork = ForkRun(TakenAway(Forks(api), engine), engine.effects, ENGINE)
    with pytest.raises(Forbidden, match="a moment ago"):
        fork(engine.caller, ForkRequest(failed.run_id, FETCH))
    assert len(engine.all("select from orchestration_runs")) == 1


def test_nothing_is_decided(engine: Engine, api: Database) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    approval = engine.checkpoint(run, FETCH)
    decide = replace(engine.decide_as, terms=TakenAway(ApprovalReads(api), engine))
    with pytest.raises(Forbidden):
        decide(engine.caller, DecisionRequest(approval, "continue"))
    assert engine.one("select status from human_approvals")["status"] == "pending"
    assert engine.status(run, FETCH) == "checkpoint"
