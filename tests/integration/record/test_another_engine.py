"""Two deployments on one database: each starts and stops only its own executions, whichever of them gets the call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing

import pytest

from baton.delivery import ImmediateExecutor
from baton.errors import StepExhausted
from baton.model import EffectKind
from baton.outbox import Deliver, Outbox
from baton.store.database import Database
from baton.store.outbox import OutboxTable
from baton.store.recovery import Recoveries
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.recovery import AbortRequest, RecoverRun, RetryRequest
from baton.usecases.relay_outbox import RelayOutbox
from tests.unit.fake_step_functions import FakeStepFunctionsClient, step_functions

from .engine import ENGINE, FETCH, MACHINES, EngineFixture
from .fakes import refusal

OTHER = "another-engine"
OTHER_MACHINES = MACHINES.replace("test-", "test-b-")  # begins with the prefix of this one
OTHER_EXECUTIONS = OTHER_MACHINES.replace(":stateMachine:", ":execution:")


def unhurried() -> float:
    return 60.0


class DeploymentFixture:
    """The API and the relay of a deployment, with its Step Functions."""

    def __init__(self, engine_id: str, machines: str, api: Database, relay: Database) -> None:
        self.client = FakeStepFunctionsClient()
        engine = step_functions(machines, self.client)
        handlers: Mapping[str, Deliver] = {
            EffectKind.EVENT: lambda effects: None,
            EffectKind.START: engine.start,
            EffectKind.STOP: engine.stop,
        }
        self.outbox, relay_outbox = (
            Outbox(OutboxTable(one), one.delivered, handlers, lambda reason, effect: None, ImmediateExecutor())
            for one in (api, relay)
        )
        self.recover = RecoverRun(Recoveries(api), self.outbox)
        self.relay = RelayOutbox(OutboxTable(relay), relay_outbox, engine_id)


@pytest.fixture
def deployments(login_url: Callable[[str], str]) -> Iterator[tuple[DeploymentFixture, DeploymentFixture]]:
    """This one and the other."""
    with ExitStack() as stack:
        api, relay = (stack.enter_context(closing(Database(login_url(login)))) for login in ("api", "relay"))
        yield DeploymentFixture(ENGINE.id, MACHINES, api, relay), DeploymentFixture(OTHER, OTHER_MACHINES, api, relay)


@pytest.fixture
def theirs(engine: EngineFixture) -> LaunchedRun:
    """A failed run that the other deployment drives."""
    run = engine.launch()
    engine.agents.script = [refusal("unknown KPI", retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(run, FETCH)
    give_away(engine)
    engine.owner.execute("delete from baton.outbox")
    return run


def give_away(engine: EngineFixture) -> None:
    engine.owner.execute(
        "update orchestration_runs set engine_id = %s, execution_prefix = %s", (OTHER, OTHER_EXECUTIONS)
    )
    engine.owner.execute(
        "update baton.executions e set arn = r.execution_prefix || r.machine || ':' || r.id || '-' || e.generation"
        " from orchestration_runs r where r.id = e.run_id"
    )


def test_a_run_recovered_through_another_api_is_started_by_its_own_deployment(
    engine: EngineFixture, deployments: tuple[DeploymentFixture, DeploymentFixture], theirs: LaunchedRun
) -> None:
    here, there = deployments
    here.recover.retry(engine.caller, RetryRequest(theirs.run_id))
    here.outbox.wait()
    assert here.client.calls == []
    left = "select kind, failures, last_error from baton.outbox where kind <> 'event' order by position"
    stop, start = engine.all(left)
    assert (stop["kind"], stop["failures"]) == ("stop", 1)
    assert stop["last_error"].startswith("AnotherEngine: ")
    assert (start["kind"], start["failures"]) == ("start", 0)
    waits = engine.one("select max(available_at) - now() <= interval '60 seconds' as briefly from baton.outbox")
    assert waits == {"briefly": True}  # as long as any effect that its writer did not deliver

    engine.owner.execute("update baton.outbox set available_at = now()")
    assert here.relay(unhurried) == {"claimed": 0}
    there.relay(unhurried)
    assert there.client.calls == [
        f"stop {OTHER_EXECUTIONS}kpi-tracking:{theirs.run_id}-1",
        f"start {OTHER_MACHINES}kpi-tracking:{theirs.run_id}-2",
    ]
    assert engine.all("select from baton.outbox") == []


def test_an_abort_through_another_api_stops_the_execution_of_the_run(
    engine: EngineFixture, deployments: tuple[DeploymentFixture, DeploymentFixture]
) -> None:
    here, there = deployments
    run = engine.launch()
    give_away(engine)
    engine.owner.execute("delete from baton.outbox")
    here.recover.abort(engine.caller, AbortRequest(run.run_id, None))
    here.outbox.wait()
    engine.owner.execute("update baton.outbox set available_at = now()")
    there.relay(unhurried)
    assert (here.client.calls, there.client.calls) == ([], [f"stop {OTHER_EXECUTIONS}kpi-tracking:{run.run_id}-1"])


def test_a_stop_names_the_machine_of_the_started_execution_also_after_the_run_changed_machines(
    engine: EngineFixture,
) -> None:
    """A child run gets another machine for its next execution while the earlier execution may still exist."""
    run = engine.launch()
    engine.owner.execute("update orchestration_runs set machine = 'x-new' where id = %s", (run.run_id,))
    engine.owner.execute("delete from baton.outbox")
    engine.owner.execute("select baton.order_stop(%s, null, 'RunAborted', 'why')", (run.run_id,))
    payload = engine.one("select payload from baton.outbox")["payload"]
    execution = f"{ENGINE.execution_prefix}kpi-tracking:{run.run_id}-1"
    assert (payload["machine"], payload["execution"]) == ("kpi-tracking", execution)
