"""The outbox: the effects of a commit are delivered by its writer or by the relay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain, repeat

import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from baton.delivery import ImmediateExecutor
from baton.errors import TaskGone
from baton.model import EffectKind
from baton.outbox import Deliver, Effect, FailedDelivery, Outbox
from baton.store.database import Database
from baton.store.outbox import OutboxTable
from baton.store.recovery import Adoptions
from baton.usecases.adopt_runs import AdoptRuns
from baton.usecases.relay_outbox import CompleteCheckpoints, RelayOutbox, TaskStillWaiting

from .engine import ENGINE, FETCH, EngineFixture
from .fakes import kpi_answer


def unhurried() -> float:
    return 60.0


class RecordingHandler:
    """Records the effects that it gets, or fails while ``broken``."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.broken = False

    def __call__(self, effects: Sequence[Effect]) -> None:
        if self.broken:
            raise ConnectionError("no answer")
        self.effects.extend(effects)


@pytest.fixture
def relay_database(login_url: Callable[[str], str]) -> Iterator[Database]:
    with closing(Database(login_url("relay"))) as database:
        yield database


@pytest.fixture
def handler() -> RecordingHandler:
    return RecordingHandler()


def outbox_of(database: Database, handlers: Mapping[str, Deliver]) -> Outbox:
    return Outbox(OutboxTable(database), database.delivered, handlers, lambda reason, effect: None, ImmediateExecutor())


def relay_of(database: Database, handlers: Mapping[str, Deliver]) -> RelayOutbox:
    return RelayOutbox(OutboxTable(database), outbox_of(database, handlers), ENGINE.id)


@pytest.fixture
def relay(relay_database: Database, handler: RecordingHandler) -> RelayOutbox:
    return relay_of(
        relay_database,
        dict.fromkeys((EffectKind.EVENT, EffectKind.START, EffectKind.STOP, EffectKind.COMPLETE), handler),
    )


def make_due(engine: EngineFixture) -> None:
    engine.owner.execute("update baton.outbox set available_at = now()")


def test_the_relay_delivers_a_due_effect_that_its_writer_did_not(
    engine: EngineFixture, relay: RelayOutbox, handler: RecordingHandler
) -> None:
    engine.launch()
    assert relay(unhurried) == {"claimed": 0}  # its writer is expected to deliver it first
    make_due(engine)
    assert relay(unhurried) == {"claimed": 2}
    assert [effect.kind for effect in handler.effects] == ["start", "event"]
    assert engine.all("select 1 from baton.outbox") == []


def test_an_effect_that_fails_stays_with_the_reason_and_is_tried_again(
    engine: EngineFixture, relay: RelayOutbox, handler: RecordingHandler
) -> None:
    engine.launch()
    make_due(engine)
    handler.broken = True
    relay(unhurried)
    (start, _) = engine.all("select * from baton.outbox order by position")
    assert (start["failures"], start["last_error"]) == (1, "ConnectionError: no answer")
    handler.broken = False
    make_due(engine)
    relay(unhurried)
    assert len(handler.effects) == 2


def test_an_events_row_has_no_payload_and_the_bus_gets_the_recorded_event(
    engine: EngineFixture, relay: RelayOutbox, handler: RecordingHandler
) -> None:
    run = engine.launch()
    make_due(engine)
    assert engine.one("select payload from baton.outbox where kind = 'event'") == {"payload": None}
    relay(unhurried)
    event = handler.effects[-1]
    row = engine.one("select * from orchestration_events where run_id = %s", run.run_id)
    assert (event.id, event.payload["id"], event.payload["sequence"]) == (str(row["id"]), str(row["id"]), 1)
    assert (event.payload["type"], event.payload["run"]) == (row["type"], row["run"])


def test_a_failure_that_was_counted_already_is_not_counted_again(
    engine: EngineFixture, relay_database: Database
) -> None:
    """The writer and the relay may both have tried."""
    engine.launch()
    make_due(engine)
    table = OutboxTable(relay_database)
    start = next(effect for effect in table.claim_due(ENGINE.id, 10) if effect.kind == EffectKind.START)
    for reason in ("no answer", "no answer, told late"):
        table.put_off([FailedDelivery(start, reason)])
    row = engine.one("select * from baton.outbox where kind = 'start'")
    assert (row["failures"], row["last_error"]) == (1, "no answer")


def test_a_long_error_is_cut(engine: EngineFixture, relay_database: Database) -> None:
    engine.launch()
    make_due(engine)
    table = OutboxTable(relay_database)
    table.put_off([FailedDelivery(effect, "x" * 1_000_000) for effect in table.claim_due(ENGINE.id, 10)])
    assert [row["length"] for row in engine.all("select length(last_error) from baton.outbox")] == [500, 500]


def test_the_next_boundary_deletes_delivered_effects(engine: EngineFixture, relay_database: Database) -> None:
    engine.launch()
    (start,) = engine.all("select id::text from baton.outbox where kind = 'start'")
    relay_database.delivered.add([start["id"]])
    assert OutboxTable(relay_database).claim_due(ENGINE.id, 10) == ()
    assert [row["kind"] for row in engine.all("select kind from baton.outbox")] == ["event"]
    assert relay_database.delivered.take() == []


def test_an_effect_that_another_transaction_holds_is_skipped_without_waiting(
    engine: EngineFixture, relay_database: Database
) -> None:
    engine.launch()
    relay_database.delivered.add(row["id"] for row in engine.all("select id::text from baton.outbox"))
    with engine.owner.transaction():
        engine.owner.execute("select from baton.outbox where kind = 'start' for update")
        OutboxTable(relay_database).claim_due(ENGINE.id, 10)
    assert [row["kind"] for row in engine.all("select kind from baton.outbox")] == ["start"]


def test_only_a_start_waits_for_an_earlier_failed_effect(relay_database: Database) -> None:
    """A start waits for the stop of the execution before. A gate is released although every event fails."""
    run_id = "00000000-0000-4000-8000-000000000000"
    broken, working = RecordingHandler(), RecordingHandler()
    broken.broken = True
    kinds = (EffectKind.EVENT, EffectKind.STOP, EffectKind.START, EffectKind.RELEASE)
    ids = [f"{place}0000000-0000-4000-8000-000000000000" for place in range(len(kinds))]
    effects = [Effect(effect_id, run_id, kind, {}) for effect_id, kind in zip(ids, kinds, strict=True)]
    handlers = {
        EffectKind.EVENT: broken,
        EffectKind.STOP: broken,
        EffectKind.START: working,
        EffectKind.RELEASE: working,
    }
    outbox_of(relay_database, handlers).deliver(effects)
    assert [effect.kind for effect in working.effects] == [EffectKind.RELEASE]


def test_a_start_is_not_claimed_before_the_stop_that_it_follows(
    engine: EngineFixture, relay_database: Database
) -> None:
    """Neither in the next batch nor by another relay, nor while the stop waits for its next try."""
    run_id = engine.launch().run_id
    engine.owner.execute("delete from baton.outbox")
    for kind in ("stop", "start"):
        payload = Jsonb({"generation": 1})
        engine.owner.execute(
            "insert into baton.outbox (run_id, kind, payload) values (%s, %s, %s)", (run_id, kind, payload)
        )
    make_due(engine)
    table = OutboxTable(relay_database)
    (stop,) = table.claim_due(ENGINE.id, 10)
    assert stop.kind == EffectKind.STOP
    assert table.claim_due(ENGINE.id, 10) == ()
    table.put_off([FailedDelivery(stop, "no answer")])
    assert table.claim_due(ENGINE.id, 10) == ()
    table.strike_off([stop.id])
    assert [effect.kind for effect in table.claim_due(ENGINE.id, 10)] == [EffectKind.START]


def test_a_start_that_a_later_generation_replaced_is_not_wanted(
    engine: EngineFixture, relay: RelayOutbox, handler: RecordingHandler
) -> None:
    engine.launch()
    engine.owner.execute("update orchestration_runs set generation = 2")
    make_due(engine)
    relay(unhurried)
    assert [effect.kind for effect in handler.effects] == ["event"]
    assert engine.all("select 1 from baton.outbox") == []


def test_the_other_effects_of_an_ended_run_are_delivered(
    engine: EngineFixture, relay: RelayOutbox, handler: RecordingHandler
) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "abort")
    engine.owner.execute("delete from baton.outbox where kind = 'start'")
    make_due(engine)
    relay(unhurried)
    assert [effect.kind for effect in handler.effects if effect.kind != EffectKind.EVENT] == [EffectKind.STOP]
    assert handler.effects[-1].payload["type"] == "orchestration.run.aborted"


def test_the_relay_touches_only_runs_of_its_own_engine(
    engine: EngineFixture, relay: RelayOutbox, handler: RecordingHandler
) -> None:
    engine.launch()
    engine.owner.execute("update orchestration_runs set engine_id = 'another deployment'")
    make_due(engine)
    assert relay(unhurried) == {"claimed": 0}
    assert handler.effects == []


def test_adopted_runs_go_on_in_the_next_generation(
    engine: EngineFixture, relay: RelayOutbox, relay_database: Database, handler: RecordingHandler
) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    approval = engine.checkpoint(run, FETCH)
    ended = engine.launch()
    engine.owner.execute(
        "update orchestration_runs set status = 'aborted', completed_at = now() where id = %s", (ended.run_id,)
    )

    adopted = AdoptRuns(Adoptions(relay_database), relay, ENGINE.id)(unhurried)
    assert (adopted["adopted"], adopted["isThrough"]) == (1, True)
    (start,) = [effect for effect in handler.effects if effect.payload.get("generation") == 2]
    assert start.kind == "start"
    assert engine.step(run, FETCH, generation=2) == {"step_id": FETCH, "status": "checkpoint"}
    assert engine.checkpoint(run, FETCH, "token-2", generation=2) == approval
    assert engine.decide(approval, "continue")["decision"] == "continue"


def test_a_stack_adopts_only_the_open_runs_of_its_own_engine(engine: EngineFixture, relay_database: Database) -> None:
    engine.launch()
    engine.owner.execute("update orchestration_runs set engine_id = 'another deployment'")
    adoptions = Adoptions(relay_database)
    assert adoptions.adopt(ENGINE.id, ordered_before=adoptions.now(), limit=10) == {}
    assert engine.one("select generation from orchestration_runs") == {"generation": 1}


COLUMNS = """
select column_name as name from information_schema.columns
where table_schema = 'public' and table_name = 'orchestration_runs' and is_generated = 'NEVER'
"""
COPIES = """
insert into orchestration_runs ({names}) select {values} from (
  select jsonb_populate_record(run,
    jsonb_build_object('id', made.id, 'root_run_id', made.id, 'idempotency_key', null)) as r
  from orchestration_runs run, (select gen_random_uuid() as id from generate_series(1, %(more)s)) as made) as filled
"""
ORDERED = """
insert into baton.executions (run_id, generation, arn, ordered_at)
select id, generation, 'arn:' || id, clock_timestamp() from orchestration_runs r
where not exists (select from baton.executions e where e.run_id = r.id)
"""
SOME_THOUSANDS = 3_000


def test_thousands_of_open_runs_are_adopted_call_by_call_each_once(
    engine: EngineFixture, relay: RelayOutbox, relay_database: Database, handler: RecordingHandler
) -> None:
    """A call ends when its time is nearly over; what it leaves, the next one adopts."""
    launch_thousands(engine)
    adopt = AdoptRuns(Adoptions(relay_database), relay, ENGINE.id)
    first = adopt(unhurried, limit=100)
    assert (first["adopted"], first["isThrough"]) == (100, False)
    assert len(started(handler)) == 100
    launched = engine.launch().run_id

    times = chain([60.0] * 60, repeat(0.0))
    second = adopt(lambda: next(times), before=first["before"])
    assert 100 <= second["adopted"] < SOME_THOUSANDS - 100
    assert not second["isThrough"]
    last = adopt(unhurried, before=first["before"])
    assert last["isThrough"]
    assert first["adopted"] + second["adopted"] + last["adopted"] == SOME_THOUSANDS
    assert sorted(started(handler)) == sorted(
        str(row["id"]) for row in engine.all("select id from orchestration_runs where generation = 2")
    )
    assert launched not in started(handler)


def launch_thousands(engine: EngineFixture) -> None:
    """One as ever, the others as copies of its row."""
    engine.launch()
    names = [sql.Identifier(row["name"]) for row in engine.all(COLUMNS)]
    values = sql.SQL(", ").join(sql.SQL("(r).{}").format(name) for name in names)
    copies = sql.SQL(COPIES).format(names=sql.SQL(", ").join(names), values=values)
    engine.owner.execute(copies, {"more": SOME_THOUSANDS - 1})
    engine.owner.execute(ORDERED)


def started(handler: RecordingHandler) -> list[str]:
    return [effect.run_id for effect in handler.effects if effect.kind == "start" and effect.payload["generation"] == 2]


class FakeTasks:
    """Step Functions, as far as tasks need it: the open tokens, and whether their executions run."""

    def __init__(self, *, open_tokens: Sequence[str], running: bool) -> None:
        self.open_tokens = list(open_tokens)
        self.running = running
        self.completed: list[tuple[str, object]] = []

    def complete(self, token: str, output: object) -> None:
        if token not in self.open_tokens:
            raise TaskGone(token)
        self.completed.append((token, output))

    def is_running(self, execution: str) -> bool:
        return self.running


@pytest.fixture
def decision_effect(engine: EngineFixture) -> Effect:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    approval = engine.checkpoint(run, FETCH, "token-1")
    engine.checkpoint(run, FETCH, "token-2")
    engine.decide(approval, "continue")
    return next(effect for effect in engine.effects.effects if effect.kind == EffectKind.COMPLETE)


@pytest.fixture
def tokens(login_url: Callable[[str], str]) -> Iterator[OutboxTable]:
    with closing(Database(login_url("approval"))) as database:
        yield OutboxTable(database)


def test_the_relay_has_a_decision_completed_by_its_effects_id(
    engine: EngineFixture, decision_effect: Effect, tokens: OutboxTable
) -> None:
    found = tokens.effect_to_complete(decision_effect.id)
    assert found is not None
    assert (found.token, found.payload["decision"]) == ("token-2", "continue")
    engine.owner.execute("delete from baton.outbox where id = %s", (decision_effect.id,))
    assert tokens.effect_to_complete(decision_effect.id) is None  # delivered meanwhile


def test_only_a_decision_is_completed_by_its_effects_id(engine: EngineFixture, tokens: OutboxTable) -> None:
    engine.launch()
    effect_ids = [str(row["id"]) for row in engine.all("select id from baton.outbox")]
    assert [tokens.effect_to_complete(effect_id) for effect_id in effect_ids] == [None, None]


def test_a_decision_completes_the_newest_token(decision_effect: Effect, tokens: OutboxTable) -> None:
    tasks = FakeTasks(open_tokens=["token-1", "token-2"], running=True)
    CompleteCheckpoints(tokens, tasks)([decision_effect])
    assert tasks.completed == [("token-2", {"decision": "continue"})]


def test_a_token_that_is_gone_counts_as_delivered_once_its_execution_has_ended(
    decision_effect: Effect, tokens: OutboxTable
) -> None:
    tasks = FakeTasks(open_tokens=[], running=False)
    CompleteCheckpoints(tokens, tasks)([decision_effect])
    assert tasks.completed == []


def test_a_token_that_is_refused_while_its_execution_runs_is_tried_again(
    decision_effect: Effect, tokens: OutboxTable
) -> None:
    with pytest.raises(TaskStillWaiting):
        CompleteCheckpoints(tokens, FakeTasks(open_tokens=[], running=True))([decision_effect])


def test_an_effect_that_always_fails_does_not_delay_others(engine: EngineFixture, relay_database: Database) -> None:
    stuck, other = engine.launch(), engine.launch()
    make_due(engine)
    taken: list[str] = []

    def start(effects: Sequence[Effect]) -> None:
        for effect in effects:
            if effect.run_id == stuck.run_id:
                raise ConnectionError("no such machine")
            taken.append(effect.run_id)

    relay_of(relay_database, {EffectKind.START: start, EffectKind.EVENT: RecordingHandler()})(unhurried)
    assert taken == [other.run_id]
    assert [row["kind"] for row in engine.all("select kind from baton.outbox where failures > 0")] == ["start"]


def test_an_event_that_is_refused_does_not_hold_up_its_neighbours(
    engine: EngineFixture, relay_database: Database
) -> None:
    refused, other = engine.launch(), engine.launch()
    make_due(engine)
    taken: list[str] = []

    def put(effects: Sequence[Effect]) -> None:
        if any(effect.run_id == refused.run_id for effect in effects):
            raise ValueError("too large")
        taken.extend(effect.run_id for effect in effects)

    effects = OutboxTable(relay_database).claim_due(ENGINE.id, 10)
    outbox_of(relay_database, {EffectKind.EVENT: put}).deliver(effects)
    assert taken == [other.run_id]
