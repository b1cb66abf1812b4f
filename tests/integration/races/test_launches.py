"""Many launches with one Idempotency-Key at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from baton.errors import Invalid
from baton.store.database import Database
from baton.store.runs import Forks, Launches
from baton.usecases.fork_run import ForkRequest, ForkRun
from baton.usecases.launch_run import LaunchRequest, LaunchRun
from tests.integration.record.engine import ENGINE, FETCH, PARAMETERS, EngineFixture
from tests.integration.recording import RecordingEffects

from .conftest import at_once, errors_of

TIMES = 20


def request(key: str, grouping: str = "month") -> LaunchRequest:
    parameters = {**PARAMETERS, "grouping": grouping}
    return LaunchRequest("demo", "finance-manager", "kpi-tracking", None, parameters, idempotency_key=key)


def test_a_launch_sent_twenty_times_at_once_makes_one_run(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    effects = RecordingEffects()
    launchers = [LaunchRun(Launches(connect("api")), effects, ENGINE) for _ in range(TIMES)]
    for number in range(5):
        key = f"key {number}"
        answers = at_once(*(partial(launch, engine.caller, request(key)) for launch in launchers))
        assert errors_of(answers) == []
        assert len({run.run_id for run in answers}) == 1
        assert [run.created for run in answers].count(True) == 1
        assert effects.kinds() == ["start"]
        effects.effects.clear()
    assert engine.one("select count(*) from orchestration_runs")["count"] == 5


def test_a_fork_sent_twenty_times_at_once_makes_one_run(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    effects, source = RecordingEffects(), engine.launch()
    forkers = [ForkRun(Forks(connect("api")), effects, ENGINE) for _ in range(TIMES)]
    wanted = ForkRequest(source.run_id, FETCH, idempotency_key="the key")
    answers = at_once(*(partial(fork, engine.caller, wanted) for fork in forkers))
    assert errors_of(answers) == []
    assert len({run.run_id for run in answers}) == 1
    assert [run.created for run in answers].count(True) == 1
    assert effects.kinds() == ["start"]
    assert engine.one("select count(*) from orchestration_runs")["count"] == 2


def test_one_of_several_different_launches_with_one_key_is_made_and_the_others_are_refused(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    launchers = [LaunchRun(Launches(connect("api")), RecordingEffects(), ENGINE) for _ in range(TIMES)]
    wanted = ["month", "week"] * (TIMES // 2)
    answers = at_once(
        *(
            partial(launch, engine.caller, request("the key", grouping))
            for launch, grouping in zip(launchers, wanted, strict=True)
        )
    )
    (run,) = engine.all("select * from orchestration_runs")
    for answer, grouping in zip(answers, wanted, strict=True):
        if grouping == run["parameters"]["grouping"]:
            assert answer.run_id == str(run["id"])
        else:
            assert isinstance(answer, Invalid)
