"""Effects, from the commit that ordered them to the end of the invocation."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from baton.delivery import AtOnce, DeliveryThread
from baton.errors import StoreUnavailable
from baton.model import EffectKind
from baton.outbox import Deliver, Delivered, Effect, FailedDelivery, Lane, Outbox

LONG = 10.0  # seconds; nothing here takes so long
PLENTY = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
HARDLY_ANY = SimpleNamespace(get_remaining_time_in_millis=lambda: 2_020)


@dataclass
class FakeStore:
    """Keeps what it is told, or fails while ``broken``. ``tellings`` are in their order."""

    tellings: list[tuple[str, list[str]]] = field(default_factory=list)
    broken: bool = False

    def strike_off(self, effect_ids: Sequence[str]) -> None:
        self._tell("struck off", effect_ids)

    def put_off(self, failed: Sequence[FailedDelivery]) -> None:
        self._tell("put off", [f"{one.effect.id}: {one.reason}" for one in failed])

    def _tell(self, what: str, about: Sequence[str]) -> None:
        if self.broken:
            raise StoreUnavailable("the database is away")
        self.tellings.append((what, list(about)))


@dataclass
class OutboxFixture:
    """An outbox whose effects are delivered by recording them, but for ``handlers``."""

    handlers: Mapping[str, Deliver] = field(default_factory=dict)
    lane: Lane = field(default_factory=DeliveryThread)
    store: FakeStore = field(default_factory=FakeStore)
    delivered: Delivered = field(default_factory=Delivered)
    taken: list[list[str]] = field(default_factory=list)  # what handlers were given, call by call
    reported: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        handlers = {
            **dict.fromkeys(
                (EffectKind.EVENT, EffectKind.START, EffectKind.STOP, EffectKind.COMPLETE, EffectKind.RELEASE),
                self.take,
            ),
            **self.handlers,
        }
        self.outbox = Outbox(
            self.store, self.delivered, handlers, lambda reason, effect: self.reported.append(effect.id), self.lane
        )

    def take(self, effects: Sequence[Effect]) -> None:
        self.taken.append([effect.id for effect in effects])

    def invoke(self, handler: Callable[[], Any], context: Any = PLENTY) -> Any:
        return self.outbox.delivers(lambda event, context: handler())({}, context)


def effect(name: str, kind: str = EffectKind.EVENT, run_id: str = "run") -> Effect:
    return Effect(name, run_id, kind, {})


def refuse(effects: Sequence[Effect]) -> None:
    raise ConnectionError("no answer")


def test_what_a_handler_ordered_is_delivered_when_it_returns_and_struck_off_by_one_call() -> None:
    fixture = OutboxFixture()

    def handler() -> str:
        fixture.outbox.deliver([effect("e1"), effect("e2")])
        fixture.outbox.deliver([effect("e3")])
        return "answer"

    assert fixture.invoke(handler) == "answer"
    assert fixture.taken == [["e1", "e2"], ["e3"]]
    assert fixture.store.tellings == [("struck off", ["e1", "e2", "e3"])]


def test_it_is_delivered_while_the_handler_goes_on_and_the_next_boundary_takes_it() -> None:
    """As the events of a step's beginning are while its agent is at work."""
    is_put = threading.Event()
    fixture = OutboxFixture({EffectKind.EVENT: lambda effects: is_put.set()})

    def handler() -> list[str]:
        fixture.outbox.deliver([effect("begun")])
        assert is_put.wait(LONG)
        fixture.outbox.wait()
        return fixture.delivered.take()

    assert fixture.invoke(handler) == ["begun"]
    assert fixture.store.tellings == []  # nothing is left for the end


def test_a_handler_that_orders_nothing_tells_the_record_nothing() -> None:
    fixture = OutboxFixture()
    fixture.invoke(lambda: fixture.outbox.deliver([]))
    assert fixture.store.tellings == []


def test_what_moves_a_run_goes_before_what_tells_of_it() -> None:
    fixture = OutboxFixture(lane=AtOnce())
    kinds = (
        EffectKind.EVENT,
        EffectKind.STOP,
        EffectKind.EVENT,
        EffectKind.START,
        EffectKind.COMPLETE,
        EffectKind.RELEASE,
    )
    fixture.outbox.deliver([effect(f"{place} {kind}", kind) for place, kind in enumerate(kinds)])
    assert fixture.taken == [["1 stop"], ["3 start"], ["4 complete"], ["5 release"], ["0 event", "2 event"]]


def test_what_this_function_may_not_deliver_is_left_to_the_relay() -> None:
    fixture = OutboxFixture()
    outbox = Outbox(
        fixture.store, fixture.delivered, {EffectKind.EVENT: fixture.take}, lambda reason, effect: None, AtOnce()
    )
    outbox.deliver([effect("stop", EffectKind.STOP), effect("event")])
    assert (fixture.taken, fixture.delivered.take()) == ([["event"]], ["event"])


def test_a_handler_that_raises_has_delivered_what_it_ordered_before() -> None:
    fixture = OutboxFixture()

    def handler() -> None:
        fixture.outbox.deliver([effect("failed")])
        raise ValueError("the step failed")

    with pytest.raises(ValueError, match="the step failed"):
        fixture.invoke(handler)
    assert fixture.store.tellings == [("struck off", ["failed"])]


def test_what_fails_raises_nothing_and_is_put_off_by_one_call() -> None:
    fixture = OutboxFixture({EffectKind.RELEASE: refuse, EffectKind.COMPLETE: refuse})
    orders = [effect("gate", EffectKind.RELEASE), effect("event"), effect("decision", EffectKind.COMPLETE)]
    fixture.invoke(lambda: fixture.outbox.deliver(orders))
    put_off = ["gate: ConnectionError: no answer", "decision: ConnectionError: no answer"]
    assert fixture.store.tellings == [("put off", put_off), ("struck off", ["event"])]
    assert fixture.reported == ["gate", "decision"]


def test_of_events_that_fail_together_only_those_count_that_fail_by_themselves() -> None:
    def put(effects: Sequence[Effect]) -> None:
        if any(one.id == "too large" for one in effects):
            raise ValueError("too large")

    fixture = OutboxFixture({EffectKind.EVENT: put})
    fixture.invoke(lambda: fixture.outbox.deliver([effect("e1"), effect("too large"), effect("e3")]))
    assert fixture.store.tellings == [("put off", ["too large: ValueError: too large"]), ("struck off", ["e1", "e3"])]


@pytest.mark.parametrize("together", [True, False])
def test_only_the_start_after_a_stop_of_the_same_run_waits_for_what_failed(together: bool) -> None:
    fixture = OutboxFixture({EffectKind.STOP: refuse})
    orders = [
        effect("stop", EffectKind.STOP),
        effect("start", EffectKind.START),
        effect("other", EffectKind.START, "another run"),
        effect("event"),
    ]

    def handler() -> None:
        for one in [orders] if together else [[order] for order in orders]:
            fixture.outbox.deliver(one)

    fixture.invoke(handler)
    assert fixture.taken == [["other"], ["event"]]
    assert fixture.store.tellings == [
        ("put off", ["stop: ConnectionError: no answer"]),
        ("struck off", ["other", "event"]),
    ]

    fixture.invoke(lambda: fixture.outbox.deliver([orders[1]]))  # that was of one invocation
    assert fixture.taken[2:] == [["start"]]


class ProcessKilled(BaseException):
    pass


@pytest.mark.parametrize("error", [SystemExit(1), ProcessKilled(1)])
def test_a_delivery_that_would_end_the_process_has_failed_as_any_other(error: BaseException) -> None:
    def end(effects: Sequence[Effect]) -> None:
        raise error

    fixture = OutboxFixture({EffectKind.STOP: end})
    fixture.invoke(
        lambda: fixture.outbox.deliver(
            [effect("stop", EffectKind.STOP), effect("start", EffectKind.START), effect("event")]
        )
    )
    assert fixture.taken == [["event"]]
    put_off = [f"stop: {type(error).__name__}: 1"]
    assert fixture.store.tellings == [("put off", put_off), ("struck off", ["event"])]


def test_a_kill_goes_through_a_delivery_that_has_no_thread_of_its_own() -> None:
    def kill(effects: Sequence[Effect]) -> None:
        raise ProcessKilled

    fixture = OutboxFixture({EffectKind.STOP: kill}, lane=AtOnce())
    with pytest.raises(ProcessKilled):
        fixture.invoke(lambda: fixture.outbox.deliver([effect("stop", EffectKind.STOP)]))
    assert fixture.store.tellings == []


def test_a_start_that_is_not_wanted_any_more_is_done_with() -> None:
    fixture = OutboxFixture()
    fixture.invoke(lambda: fixture.outbox.deliver([Effect("start", "run", EffectKind.START, {}, wanted=False)]))
    assert (fixture.taken, fixture.store.tellings) == ([[]], [("struck off", ["start"])])


def test_a_handler_answers_in_time_though_aws_hangs_and_what_was_not_delivered_is_not_struck_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    began, go, threads = threading.Event(), threading.Event(), list[threading.Thread]()

    def hang(effects: Sequence[Effect]) -> None:
        threads.append(threading.current_thread())
        began.set()
        assert go.wait(LONG)

    fixture = OutboxFixture({EffectKind.RELEASE: hang})

    def handler() -> str:
        fixture.outbox.deliver(
            [effect("decision", EffectKind.COMPLETE), effect("gate", EffectKind.RELEASE), effect("event")]
        )
        assert began.wait(LONG)
        return "answer"

    with caplog.at_level(logging.WARNING):
        assert fixture.invoke(handler, HARDLY_ANY) == "answer"
    assert "left to the relay" in caplog.text
    assert (fixture.taken, fixture.store.tellings) == ([["decision"]], [("struck off", ["decision"])])

    fixture.invoke(lambda: fixture.outbox.deliver([effect("next")]))
    assert fixture.taken == [["decision"], ["next"]]
    go.set()
    threads[0].join(LONG)
    assert fixture.delivered.take() == ["gate"]  # it was delivered in the end: the next boundary strikes it off


def test_a_record_that_is_away_fails_no_handler(caplog: pytest.LogCaptureFixture) -> None:
    fixture = OutboxFixture({EffectKind.STOP: refuse}, store=FakeStore(broken=True))
    with caplog.at_level(logging.WARNING):
        assert fixture.invoke(lambda: fixture.outbox.deliver([effect("e"), effect("stop", EffectKind.STOP)])) is None
    assert caplog.text.count("the report of deliveries to the record failed") == 2


def test_an_invocation_whose_process_is_killed_waits_for_nothing() -> None:
    fixture = OutboxFixture()

    def handler() -> None:
        fixture.outbox.deliver([effect("e")])
        raise ProcessKilled

    with pytest.raises(ProcessKilled):
        fixture.invoke(handler)
    assert fixture.store.tellings == []
