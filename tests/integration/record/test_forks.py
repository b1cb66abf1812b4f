"""Forks: a new run from a step of an earlier one, without paying again for what comes before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from baton.errors import Conflict, Forbidden, Invalid, NotFound
from baton.model import Role
from baton.store.database import Database
from baton.store.runs import Forks
from baton.usecases.fork_run import Fork, ForkRequest, ForkRun
from baton.usecases.launch_run import LaunchedRun

from .engine import ENGINE, FETCH, SUMMARIZE, EngineFixture
from .fakes import answer, kpi_answer
from .test_policies import two_steps
from .test_recovery import DIAMOND, fail

ForkOf = Callable[..., Fork]


@pytest.fixture
def fork(engine: EngineFixture, login_url: Any) -> Iterator[ForkOf]:
    database = Database(login_url("api"))
    fork_run = ForkRun(Forks(database), engine.effects, ENGINE)

    def fork(run: LaunchedRun, step_id: str, caller: Any = None, **request: Any) -> Fork:
        return fork_run(caller or engine.caller, ForkRequest(run.run_id, step_id, **request))

    yield fork
    database.close()


@pytest.fixture
def source(engine: EngineFixture) -> LaunchedRun:
    """A run of kpi-tracking that has completed."""
    run = engine.launch()
    engine.agents.script = [kpi_answer(), answer("# Summary")]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "continue")
    engine.step(run, SUMMARIZE)
    engine.effects.effects.clear()
    return run


def test_a_fork_reuses_the_steps_before_its_first_step(
    engine: EngineFixture, source: LaunchedRun, fork: ForkOf
) -> None:
    forked = fork(source, SUMMARIZE, note="another wording")
    run = engine.of(forked.run_id)

    assert (forked.created, forked.status) == (True, "pending")
    assert engine.effects.kinds() == ["start"]  # its events are delivered when it begins
    assert engine.run(run)["results"] == {"steps": {FETCH: engine.run(source)["results"]["steps"][FETCH]}}
    assert [engine.status(run, step) for step in (FETCH, SUMMARIZE)] == ["completed", "pending"]
    asked = len(engine.agents.asked)
    assert engine.step(run, FETCH)["status"] == "completed"
    engine.effects.effects.clear()
    engine.checkpoint(run, FETCH)  # no second approval
    assert [e.payload["decision"] for e in engine.effects.effects if e.kind == "complete"] == ["continue"]
    engine.agents.script = [answer("# Other words")]
    engine.step(run, SUMMARIZE)
    assert len(engine.agents.asked) == asked + 1
    assert engine.run(run)["status"] == "completed"
    assert engine.run(source)["results"]["steps"][SUMMARIZE]["summary"] == "# Summary"


def test_a_fork_from_the_first_step_reuses_no_steps_and_takes_changes(
    engine: EngineFixture, source: LaunchedRun, fork: ForkOf
) -> None:
    run = engine.of(fork(source, FETCH, modifications={"grouping": "week", "context": {"kpiNames": ["arr"]}}).run_id)
    row = engine.run(run)
    assert (row["results"], row["parameters"]["grouping"]) == ({"steps": {}}, "month")
    assert row["parameter_overrides"] == {"grouping": "week"}
    assert (str(row["forked_from_run_id"]), row["forked_from_step_id"]) == (source.run_id, FETCH)
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    context = engine.agents.asked[-1]["payload"]["context"]
    assert (context["grouping"], context["kpiNames"]) == ("week", ["arr"])


def test_a_branch_that_does_not_depend_on_the_step_is_kept(engine: EngineFixture, fork: ForkOf) -> None:
    run = engine.start(DIAMOND)
    engine.agents.script = [answer("looked")]
    engine.step(run, "look")
    engine.decide(engine.checkpoint(run, "look"), "continue")
    fail(engine, run, "work")
    forked = engine.of(fork(run, "work").run_id)
    statuses = {step: engine.status(forked, step) for step in ("look", "work", "end")}
    assert statuses == {"look": "completed", "work": "pending", "end": "pending"}


def test_a_skipped_step_is_reused_as_its_dependents_saw_it(engine: EngineFixture, fork: ForkOf) -> None:
    run = engine.start(two_steps('          when: "{{ size }} > 10"'), size=3)
    engine.step(run, "first")
    forked = engine.of(fork(run, "second").run_id)

    first = engine.step_row(forked, "first")
    assert (first["status"], first["skip_reason"], first["outputs"], first["metadata"]) == (
        "skipped", "condition", None, {"reusedFrom": {"runId": run.run_id, "attemptNumber": 1}},
    )  # fmt: skip
    assert engine.run(forked)["results"] == {"steps": {"first": {}}}
    engine.agents.script = [answer()]
    engine.step(forked, "second")
    assert engine.agents.asked[-1]["payload"]["context"] == {"text": None}


def test_a_fork_begins_only_at_a_step_whose_dependencies_are_done(engine: EngineFixture, fork: ForkOf) -> None:
    run = engine.launch()
    with pytest.raises(Conflict, match=f"depends on {FETCH}.*fork from that step"):
        fork(run, SUMMARIZE)
    with pytest.raises(Invalid, match="did you mean `fetch-kpi-data`"):
        fork(run, "fetch-kpi-date")


def test_an_aborted_run_is_forked_without_what_the_abort_skipped(engine: EngineFixture, fork: ForkOf) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "abort")
    with pytest.raises(Conflict, match="depends on"):
        fork(run, SUMMARIZE)
    assert engine.status(engine.of(fork(run, FETCH).run_id), FETCH) == "pending"


def test_a_fork_can_follow_another_version(engine: EngineFixture, fork: ForkOf) -> None:
    run = engine.start(DIAMOND)
    engine.agents.script = [answer("looked")]
    engine.step(run, "look")
    engine.decide(engine.checkpoint(run, "look"), "continue")
    newer = DIAMOND.replace("version: 1.0.0", "version: 2.0.0").replace("depth: 1", "depth: 9")
    engine.define(newer)
    forked = engine.of(fork(run, "work", version="2.0.0").run_id)

    assert forked.plan.version == "2.0.0"
    engine.agents.script = [answer()]
    engine.step(forked, "work")
    assert engine.agents.asked[-1]["payload"]["context"]["depth"] == 9
    with pytest.raises(NotFound, match=r"no version 3\.0\.0 of diamond"):
        fork(run, "work", version="3.0.0")


def test_a_fork_repeated_with_its_key_finds_the_same_run(
    engine: EngineFixture, source: LaunchedRun, fork: ForkOf
) -> None:
    first = fork(source, SUMMARIZE, idempotency_key="again")
    again = fork(source, SUMMARIZE, idempotency_key="again")
    assert (again.run_id, again.created) == (first.run_id, False)
    with pytest.raises(Invalid, match="Idempotency-Key"):
        fork(source, FETCH, idempotency_key="again")
    with pytest.raises(Invalid, match="Idempotency-Key"):
        fork(source, SUMMARIZE, idempotency_key="again", note="for the board")
    assert len(engine.all("select 1 from orchestration_runs")) == 2


def test_a_fork_repeated_with_its_key_finds_its_run_though_the_version_was_archived(
    engine: EngineFixture, source: LaunchedRun, fork: ForkOf
) -> None:
    first = fork(source, SUMMARIZE, idempotency_key="again", version="1.0.0")
    engine.owner.execute("update orchestration_definitions set archived_at = now() where name = 'kpi-tracking'")
    assert fork(source, SUMMARIZE, idempotency_key="again", version="1.0.0").run_id == first.run_id
    with pytest.raises(NotFound):
        fork(source, SUMMARIZE, version="1.0.0")


def test_a_run_of_an_archived_version_is_forked_only_with_another_version(engine: EngineFixture, fork: ForkOf) -> None:
    run = engine.start(DIAMOND)
    engine.owner.execute("update orchestration_definitions set archived_at = now() where name = 'diamond'")
    with pytest.raises(Conflict, match="archived"):
        fork(run, "look")
    with pytest.raises(NotFound, match=r"no version 1\.0\.0"):
        fork(run, "look", version="1.0.0")
    engine.define(DIAMOND.replace("version: 1.0.0", "version: 2.0.0"))
    assert engine.of(fork(run, "look", version="2.0.0").run_id).plan.version == "2.0.0"


def test_only_an_operator_forks(engine: EngineFixture, source: LaunchedRun, fork: ForkOf) -> None:
    with pytest.raises(Forbidden, match="operator"):
        fork(source, FETCH, caller=engine.member(Role.APPROVER, Role.ADMIN))
    engine.owner.execute("insert into organizations (slug, name) values ('other', 'Other')")
    with pytest.raises(NotFound):
        fork(source, FETCH, caller=engine.member(Role.OPERATOR, organization="other"))
