"""The results of a run's steps: for their dependents, for the API, and in ``results`` of the run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from baton.store.database import Database as StoreDatabase
from baton.store.recovery import Recoveries, Settlements
from baton.store.runs import Forks
from baton.store.sql import load
from baton.usecases.fork_run import ForkRun
from baton.usecases.recovery import RecoverRun
from local.database import Database
from tests.integration.conftest import Server, name_of, new_database
from tests.profile import PROFILE

from .engine import ENGINE, EngineFixture
from .fakes import answer
from .random_plays import RANDOM_STEPS, Play, RandomStep
from .test_policies import two_steps
from .test_recovery import Operator, fail, operator

__all__ = ["operator"]

ENDED = ("completed", "failed", "aborted")


@dataclass
class ExpectedResults:
    """An earlier implementation: each boundary updated one document of the run. Now each step keeps its results."""

    of_runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def launched(self, run_id: str) -> None:
        self.of_runs[run_id] = {}

    def forked(self, run_id: str, source: str, reused: Sequence[str]) -> None:
        self.of_runs[run_id] = {step_id: self.of_runs[source].get(step_id, {}) for step_id in reused}

    def gave(self, run_id: str, step_id: str, outputs: Mapping[str, Any]) -> None:
        self.of_runs[run_id][step_id] = outputs

    def gave_nothing(self, run_id: str, step_id: str) -> None:
        self.of_runs[run_id][step_id] = {}

    def went_on_without(self, run_id: str, step_id: str, error: Mapping[str, Any] | None) -> None:
        """``error`` is the error of an orchestration step."""
        self.of_runs[run_id][step_id] = {} if error is None else {"status": "failed", "errorDetails": error}

    def seen(self, run_id: str, step_id: str, output: str) -> Any:
        results = self.of_runs[run_id]
        return results.get(step_id, {}).get(output) if step_id else results


@dataclass
class RecordFixture:
    engine: EngineFixture
    api: StoreDatabase
    reconcile: StoreDatabase
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def play(self, steps: Sequence[RandomStep], moves: int, draw: Any) -> Sequence[str]:
        """The runs whose results were compared with the expected ones after each move."""
        expected, statuses = ExpectedResults(), dict[str, str]()
        play = Play(
            engine=self.engine,
            recover=RecoverRun(Recoveries(self.api), self.engine.effects),
            fork_run=ForkRun(Forks(self.api), self.engine.effects, ENGINE),
            settlements=Settlements(self.reconcile, ENGINE.id),
            expected=expected,
            draw=draw,
            look=lambda: self.compare(expected, statuses),
            name=f"play-{next(self.numbers)}",
        )
        play.launch(steps)
        for _ in range(moves):
            play.move()
        return [*statuses]

    def compare(self, expected: ExpectedResults, statuses: dict[str, str]) -> None:
        """``statuses`` are the runs' statuses before the move."""
        query = "select id::text, status, results from orchestration_runs where id = any (%s::uuid[])"
        for run in self.engine.all(query, [*expected.of_runs]):
            results = {"steps": expected.of_runs[run["id"]]}
            params = {"run_id": run["id"], "user_id": self.engine.caller.user_id}
            answered = self.api.fetch_one(load("reads")["run"], params)
            assert answered is not None
            assert answered["row"]["results"] == results
            has_paused = run["status"] == "checkpoint" != statuses.get(run["id"])
            if has_paused or run["status"] in ENDED:
                assert run["results"] == results
            statuses[run["id"]] = run["status"]


@pytest.fixture(scope="module")
def record(database_server: Server, template_database: Database) -> Iterator[RecordFixture]:
    with new_database(database_server, name_of(template_database.owner_url)) as owner_url:
        logins = database_server.logins(owner_url)

        def let_leases_end(seconds: float) -> None:
            """A step waits for a delivery of the execution before, which has crashed or still works."""
            engine.owner.execute("update orchestration_step_attempts set lease_until = now() where lease_until > now()")

        with (
            closing(EngineFixture(logins.__getitem__, owner_url, pause=let_leases_end)) as engine,
            closing(StoreDatabase(logins["api"])) as api,
            closing(StoreDatabase(logins["reconcile"])) as reconcile,
        ):
            yield RecordFixture(engine, api, reconcile)


# Hypothesis does not shrink a play: that would take minutes, and a play is short.
@settings(max_examples=PROFILE.choose(small=35, thorough=400), phases=[Phase.generate])
@given(
    steps=st.lists(RANDOM_STEPS, min_size=2, max_size=4), moves=st.integers(10, 25), data=st.data()
)  # fmt: skip
def test_results_equal_a_document_that_every_boundary_updates(
    record: RecordFixture, steps: list[RandomStep], moves: int, data: st.DataObject
) -> None:
    assert record.play(steps, moves, data.draw)


def test_the_outputs_of_a_step_replace_the_failure_that_dependents_saw(
    engine: EngineFixture, operator: Operator
) -> None:
    run = engine.start(two_steps("          continue_on_failure: true"))
    fail(engine, run, "first")
    assert engine.run(run)["results"] == {"steps": {"first": {}}}
    fail(engine, run, "second")
    operator.retry(run, "first")
    assert engine.run(run)["results"] == {"steps": {"first": {}}}
    engine.agents.script = [answer("it works")]
    engine.step(run, "first", generation=2)
    assert engine.run(run)["results"]["steps"]["first"]["text"] == "it works"
