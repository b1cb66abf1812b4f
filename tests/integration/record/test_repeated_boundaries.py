"""Boundaries whose answer is lost after the commit: the repeated call gets the same answer, and nothing is written
twice."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, nullcontext
from typing import Any

import psycopg
import pytest

from baton import store
from baton.errors import Forbidden, NotFound
from baton.model import Principal
from baton.ports.reads import RunPart
from baton.ports.recovery import AbortCommand, RecoverCommand
from baton.store.children import Children
from baton.store.database import Database
from baton.store.recovery import Recoveries
from baton.store.steps import Steps
from baton.usecases.attempt import Attempts
from baton.usecases.recovery import RecoverRun, RetryRequest
from baton.usecases.run_child import PrepareChild
from baton.usecases.run_step import RunStep

from . import (
    boundaries_of_approvals,
    boundaries_of_organizations,
    boundaries_of_runs,
    boundaries_of_steps,
    boundaries_of_webhooks,
)
from .boundaries import BOUNDARIES, READS
from .engine import ENGINE, FETCH, MACHINES, EngineFixture
from .fakes import answer
from .lost_answers import AnswerLosingDatabase, differences
from .preparations import N_SHAPE, organization, waiting_run
from .test_children import CHILD, RANGE, REVIEW
from .test_recovery import fail

REGISTERED = (
    boundaries_of_approvals,
    boundaries_of_organizations,
    boundaries_of_runs,
    boundaries_of_steps,
    boundaries_of_webhooks,
)
READ_ONLY = "?options=-c%20default_transaction_read_only%3Don"
LOGIN_OF_READS = {
    "Adoptions": "relay",
    "Checkpoints": "checkpoint",
    "ExecutionEnds": "reconcile",
    "ExecutionLaunches": "launch",
    "ExpiredApprovals": "relay",
    "OutboxTable": "approval",
    "Settlements": "reconcile",
    "Stream": "stream",
}

OpenLosingDatabase = Callable[[str, str], AnswerLosingDatabase]


@pytest.fixture
def open_losing_database(login_url: Callable[[str], str]) -> Iterator[OpenLosingDatabase]:
    """A connection of the login that loses the answers of the statement's boundary."""
    with ExitStack() as opened:

        def connect(login: str, statement: str) -> AnswerLosingDatabase:
            database = opened.enter_context(closing(AnswerLosingDatabase(login_url(login), statement)))
            database.fetch_one("select 1", {})  # a new connection is not opened a second time
            return database

        yield connect


def test_the_first_step_delivers_its_events_with_those_of_the_launch_at_once(
    engine: EngineFixture, open_losing_database: OpenLosingDatabase
) -> None:
    run = engine.launch()
    begun = Steps(open_losing_database("step", "begin_step")).begin(engine.delivery(run, FETCH, "run"), 60.0)
    assert [effect.payload.get("type") for effect in begun.effects] == [
        "orchestration.run.created", "orchestration.run.updated", "orchestration.step.running",
    ]  # fmt: skip
    assert begun.outcome == "begun"


def test_a_gate_is_released_at_once(engine: EngineFixture, open_losing_database: OpenLosingDatabase) -> None:
    run = engine.start(N_SHAPE)
    engine.gate(run, "d", "the gate's token")
    engine.agents.script = [answer(), answer()]
    engine.step(run, "a")
    attempts = Attempts(Steps(open_losing_database("step", "complete_step")), engine.effects, pause=lambda _: None)
    RunStep(attempts, engine.agents)(engine.delivery(run, "b", "run"), lambda: 120.0)
    assert engine.released() == ["the gate's token"]


def test_a_recovery_delivers_its_event_and_its_start(
    engine: EngineFixture, open_losing_database: OpenLosingDatabase
) -> None:
    run = engine.launch()
    fail(engine, run)
    engine.effects.effects.clear()
    recover = RecoverRun(Recoveries(open_losing_database("api", "recover_run")), engine.effects)
    answered = recover.retry(engine.caller, RetryRequest(run.run_id))
    assert (answered["status"], answered["generation"]) == ("running", 2)
    assert engine.effects.kinds() == ["stop", "start", "orchestration.run.updated"]
    assert engine.run(run)["generation"] == 2


def test_a_recovery_of_another_call_is_not_taken_for_a_repeated_call(
    engine: EngineFixture, open_losing_database: OpenLosingDatabase
) -> None:
    run = engine.launch()
    fail(engine, run)
    record = Recoveries(open_losing_database("api", "no statement"))
    command = RecoverCommand(run_id=run.run_id, generation=1, user_id=engine.caller.user_id, step_id=FETCH)
    assert [record.recover(command).outcome for _ in range(2)] == ["taken", "not_failed"]


def test_the_effects_of_an_abort_in_the_whole_tree_are_delivered_at_once(
    engine: EngineFixture, open_losing_database: OpenLosingDatabase
) -> None:
    run = engine.start(REVIEW, **RANGE)
    child = engine.step(run, CHILD, "prepare")["input"]["run_id"]
    record = Recoveries(open_losing_database("api", "abort_run"))
    acted = record.abort(AbortCommand(run.run_id, engine.caller.user_id, None))
    stopped = [effect.run_id for effect in acted.effects if effect.kind == "stop"]
    assert (acted.outcome, stopped) == ("taken", [run.run_id, child])


def test_a_new_child_is_started_in_its_recorded_generation(
    engine: EngineFixture, open_losing_database: OpenLosingDatabase
) -> None:
    run = engine.start(REVIEW, **RANGE)
    attempts = Attempts(Steps(open_losing_database("step", "no statement")), engine.effects, pause=lambda _: None)
    prepare = PrepareChild(attempts, Children(open_losing_database("step", "insert_child")), MACHINES)
    engine.effects.effects.clear()
    prepared = prepare(engine.delivery(run, CHILD, "prepare"), lambda: 120.0)
    child = engine.of(prepared["input"]["run_id"])
    assert prepared["input"]["generation"] == engine.run(child)["generation"]
    assert engine.effects.kinds().count("orchestration.run.created") == 2


# --- the registry -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOUNDARIES)
def test_a_repeated_boundary_answers_the_same_and_writes_nothing_more(
    engine: EngineFixture, login_url: Callable[[str], str], name: str
) -> None:
    boundary = BOUNDARIES[name]
    found = differences(engine, login_url(boundary.login), boundary.prepare(engine))
    assert found == set(boundary.differs)


def test_each_known_difference_has_its_reason() -> None:
    assert all(len(reason) > 20 for boundary in BOUNDARIES.values() for reason in boundary.differs.values())


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("insert into baton.outbox (run_id, kind, payload) values (%(run_id)s, 'stop', '{}')", "baton.outbox +1"),
        ("delete from baton.outbox where id = (select id from baton.outbox limit 1)", "baton.outbox -1"),
        ("update baton.outbox set failures = failures + 1", "baton.outbox.failures"),
        ("update baton.outbox set failures = 1 where failures = 0 returning 1", "answer: 2 → 0 of them"),
    ],
)
def test_a_different_second_answer_is_found(
    engine: EngineFixture, database_url: str, statement: str, found: str
) -> None:
    run = engine.launch()
    params = {"run_id": run.run_id}

    def careless(database: Database) -> Any:
        return database.pipeline([(statement, params)])[0]

    assert differences(engine, database_url, careless) == {found}


def test_a_call_that_changes_nothing_is_no_boundary(engine: EngineFixture, login_url: Callable[[str], str]) -> None:
    with pytest.raises(AssertionError, match="changed nothing"):
        differences(engine, login_url("api"), lambda database: database.fetch_all("select 1", {}))


def test_every_method_of_the_store_is_a_boundary_of_the_registry_or_reads() -> None:
    assert unregistered_methods() == set()


def test_a_method_outside_the_registry_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def teleport(self: Steps) -> None: ...

    monkeypatch.setattr(Steps, "teleport", teleport, raising=False)
    assert unregistered_methods() == {"Steps.teleport"}


def unregistered_methods() -> set[str]:
    """The methods that are only in the store, or only in the registry."""
    known = {*READS, *(boundary.method for boundary in BOUNDARIES.values())}
    return known ^ methods_of_the_store().keys()


# There is no run with the key of the arguments, and no value with their name or at their path.
FINDS_NOTHING: Mapping[str, type[Exception]] = {
    "Forks.earlier": Forbidden,
    "Launches.earlier": Forbidden,
    **dict.fromkeys(
        ("Contents.agent_value", "Contents.definition_value", "Contents.deliverable_by_name", "Contents.output",
         "Contents.run_value"), NotFound
    ),
}  # fmt: skip


def test_reading_methods_work_in_a_read_only_transaction(
    engine: EngineFixture, login_url: Callable[[str], str]
) -> None:
    values, methods = arguments(engine), methods_of_the_store()
    with ExitStack() as opened:
        for name in READS:
            of_class, method = methods[name]
            url = login_url(LOGIN_OF_READS.get(of_class.__name__, "api")) + READ_ONLY
            database = opened.enter_context(closing(Database(url)))
            reader = of_class(database, *["of the tests"][: len(inspect.signature(of_class).parameters) - 1])
            with pytest.raises(FINDS_NOTHING[name]) if name in FINDS_NOTHING else nullcontext():
                getattr(reader, method.__name__)(
                    **{parameter: values[parameter] for parameter in required_parameters(method)}
                )


def test_writing_methods_are_refused_in_a_read_only_transaction(
    engine: EngineFixture, login_url: Callable[[str], str]
) -> None:
    call = BOUNDARIES["Steps.begin"].prepare(engine)
    with (
        closing(Database(login_url("step") + READ_ONLY)) as database,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        call(database)


def methods_of_the_store() -> dict[str, tuple[type, Callable[..., Any]]]:
    """All methods that use the database: the public methods of the classes that get one."""
    modules = [
        importlib.import_module(f"{store.__name__}.{found.name}") for found in pkgutil.iter_modules(store.__path__)
    ]
    classes = [
        found
        for module in modules
        for _, found in inspect.getmembers(module, inspect.isclass)
        if found.__module__ == module.__name__ and "database" in inspect.signature(found.__init__).parameters
    ]
    return {
        f"{found.__name__}.{name}": (found, method)
        for found in classes
        for name, method in vars(found).items()
        if inspect.isfunction(method) and (not name.startswith("_") or name == "__call__")
    }


def required_parameters(method: Callable[..., Any]) -> list[str]:
    """The names of a method's required parameters."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    return [parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty]


def arguments(engine: EngineFixture) -> Mapping[str, Any]:
    """The arguments for the methods of ``READS``, by parameter name."""
    run = waiting_run(engine)
    approval = engine.checkpoint(run, FETCH)
    deliverable = engine.one("select id from deliverables where run_id = %s", run.run_id)["id"]
    return {
        "caller": Principal(engine.caller.user_id), "user_id": engine.caller.user_id, "run_id": run.run_id,
        "organization": "demo", "organization_id": organization(engine), "organizations": ["demo"],
        "approval_id": approval, "deliverable_id": str(deliverable), "effect_id": str(uuid.uuid4()),
        "step_id": FETCH, "generation": 1, "name": "kpi-tracking", "slug": "summarizer", "version": "1.0.0",
        "agent": "finance-manager", "orchestration": "kpi-tracking", "shared_only": False, "idempotency_key": "key",
        "with_plan": True, "token_id": str(uuid.uuid4()), "secret_hash": "0" * 64, "after": 0, "limit": 10,
        "engine_id": ENGINE.id,
        "failures": 0, "execution": engine.execution(run.run_id, 1), "executions": ["an execution"],
        "path": ["no such value"], "part": RunPart.ATTEMPTS, "callback_url": None,
        "webhook_id": str(uuid.uuid4()), "status": None, "cursor": None,
    }  # fmt: skip
