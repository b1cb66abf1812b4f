"""A run that gets its next execution while another call changes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from baton.errors import Conflict
from baton.store.database import Database
from baton.store.recovery import Adoptions, Recoveries
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.recovery import RecoverRun, RetryRequest
from tests.integration.record.engine import ENGINE, FETCH, EngineFixture
from tests.integration.record.preparations import complete_steps
from tests.integration.record.test_recovery import fail
from tests.integration.recording import RecordingEffects

from .conftest import BRANCHES, at_once, errors_of


def executions(engine: EngineFixture, run: LaunchedRun) -> list[int]:
    """The generations whose executions were ordered."""
    rows = engine.all("select generation from baton.executions where run_id = %s order by 1", run.run_id)
    return [row["generation"] for row in rows]


def test_of_two_retries_at_the_same_moment_one_is_made(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    effects = RecordingEffects()
    operators = [RecoverRun(Recoveries(connect("api")), effects) for _ in range(2)]
    for _ in range(20):
        run = engine.launch()
        fail(engine, run, FETCH)
        answers = at_once(*(partial(each.retry, engine.caller, RetryRequest(run.run_id)) for each in operators))
        assert [type(error) for error in errors_of(answers)] == [Conflict]
        assert executions(engine, run) == [1, 2]
        assert effects.kinds() == ["stop", "start", "orchestration.run.updated"]
        effects.effects.clear()


def test_two_adoptions_at_the_same_moment_order_each_execution_once(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    runs = [engine.launch() for _ in range(20)]
    relays = [Adoptions(connect("relay")) for _ in range(2)]
    before = relays[0].now()
    answers: list[Any] = at_once(*(partial(each.adopt, ENGINE.id, ordered_before=before, limit=20) for each in relays))
    for run in runs:
        assert [adopted[run.run_id] for adopted in answers if run.run_id in adopted] == [2]
        assert executions(engine, run) == [1, 2]


def test_a_run_that_is_completed_while_it_is_adopted_is_not_opened_again(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    name = engine.define(BRANCHES)
    relay = Adoptions(connect("relay"))
    for _ in range(20):
        run = engine.launch(orchestration=name, parameters={})
        complete_steps(engine, run, "left")
        last = partial(engine.step, run, "right")
        adopted, finished = at_once(partial(relay.adopt, ENGINE.id, ordered_before=relay.now(), limit=9), last)
        assert isinstance(adopted, dict)
        generations = [1, *([adopted[run.run_id]] if run.run_id in adopted else [])]
        assert executions(engine, run) == generations
        row = engine.run(run)
        assert row["generation"] == generations[-1]
        assert row["status"] == ("running" if isinstance(finished, Exception) else "completed")
        engine.owner.execute("update orchestration_runs set engine_id = 'another'")
