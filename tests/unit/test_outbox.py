"""Effects, from their commit to the end of the invocation."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from baton.delivery import DeliveryThread, ImmediateExecutor
from baton.errors import StoreUnavailable
from baton.model import EffectKind
from baton.outbox import Deliver, Delivered, Effect, FailedDelivery, Outbox, SerialExecutor

MAX_SECONDS = 10.0  # no call of a passing test takes so long
MUCH_TIME = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
LITTLE_TIME = SimpleNamespace(get_remaining_time_in_millis=lambda: 2_020)


@dataclass
class FakeStore:
    """Records its calls in order, or fails while ``broken``."""

    calls: list[tuple[str, list[str]]] = field(default_factory=list)
    broken: bool = False

    def strike_off(self, effect_ids: Sequence[str]) -> None:
        self._record("struck off", effect_ids)

    def put_off(self, failed: Sequence[FailedDelivery]) -> None:
        self._record("put off", [f"{one.effect.id}: {one.reason}" for one in failed])

    def _record(self, action: str, effects: Sequence[str]) -> None:
        if self.broken:
            raise StoreUnavailable("the database is away")
        self.calls.append((action, list(effects)))


@dataclass
class OutboxFixture:
    """An outbox that records its deliveries in ``taken``. ``handlers`` replace this for some kinds of effects."""

    handlers: Mapping[str, Deliver] = field(default_factory=dict)
    executor: SerialExecutor = field(default_factory=DeliveryThread)
    store: FakeStore = field(default_factory=FakeStore)
    delivered: Delivered = field(default_factory=Delivered)
    taken: list[list[str]] = field(default_factory=list)  # the ids of each call of a handler
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
            self.store, self.delivered, handlers, lambda reason, effect: self.reported.append(effect.id), self.executor
        )

    def take(self, effects: Sequence[Effect]) -> None:
        self.taken.append([effect.id for effect in effects])

    def invoke(self, handler: Callable[[], Any], context: Any = MUCH_TIME) -> Any:
        return self.outbox.delivers(lambda event, context: handler())({}, context)


def effect(name: str, kind: str = EffectKind.EVENT, run_id: str = "run") -> Effect:
    return Effect(name, run_id, kind, {})


def refuse(effects: Sequence[Effect]) -> None:
    raise ConnectionError("no answer")


def test_a_handlers_effects_are_delivered_when_it_returns_and_struck_off_by_one_call() -> None:
    fixture = OutboxFixture()

    def handler() -> str:
        fixture.outbox.deliver([effect("e1"), effect("e2")])
        fixture.outbox.deliver([effect("e3")])
        return "answer"

    assert fixture.invoke(handler) == "answer"
    assert fixture.taken == [["e1", "e2"], ["e3"]]
    assert fixture.store.calls == [("struck off", ["e1", "e2", "e3"])]


def test_an_effect_is_delivered_while_the_handler_works_and_the_next_boundary_takes_it() -> None:
    """An example are the events of a step's beginning while its agent works."""
    is_put = threading.Event()
    fixture = OutboxFixture({EffectKind.EVENT: lambda effects: is_put.set()})

    def handler() -> list[str]:
        fixture.outbox.deliver([effect("begun")])
        assert is_put.wait(MAX_SECONDS)
        fixture.outbox.wait()
        return fixture.delivered.take()

    assert fixture.invoke(handler) == ["begun"]
    assert fixture.store.calls == []  # the end of the invocation has nothing to do


def test_a_handler_without_effects_does_not_call_the_record() -> None:
    fixture = OutboxFixture()
    fixture.invoke(lambda: fixture.outbox.deliver([]))
    assert fixture.store.calls == []


def test_effects_that_move_a_run_are_delivered_before_events() -> None:
    fixture = OutboxFixture(executor=ImmediateExecutor())
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


def test_effects_that_a_function_may_not_deliver_are_left_to_the_relay() -> None:
    fixture = OutboxFixture()
    outbox = Outbox(
        fixture.store,
        fixture.delivered,
        {EffectKind.EVENT: fixture.take},
        lambda reason, effect: None,
        ImmediateExecutor(),
    )
    outbox.deliver([effect("stop", EffectKind.STOP), effect("event")])
    assert (fixture.taken, fixture.delivered.take()) == ([["event"]], ["event"])


def test_a_handler_that_raises_has_delivered_its_earlier_effects() -> None:
    fixture = OutboxFixture()

    def handler() -> None:
        fixture.outbox.deliver([effect("failed")])
        raise ValueError("the step failed")

    with pytest.raises(ValueError, match="the step failed"):
        fixture.invoke(handler)
    assert fixture.store.calls == [("struck off", ["failed"])]


def test_failed_deliveries_raise_nothing_and_are_put_off_by_one_call() -> None:
    fixture = OutboxFixture({EffectKind.RELEASE: refuse, EffectKind.COMPLETE: refuse})
    orders = [effect("gate", EffectKind.RELEASE), effect("event"), effect("decision", EffectKind.COMPLETE)]
    fixture.invoke(lambda: fixture.outbox.deliver(orders))
    put_off = ["gate: ConnectionError: no answer", "decision: ConnectionError: no answer"]
    assert fixture.store.calls == [("put off", put_off), ("struck off", ["event"])]
    assert fixture.reported == ["gate", "decision"]


def test_of_events_that_fail_together_only_those_that_fail_alone_are_put_off() -> None:
    def put(effects: Sequence[Effect]) -> None:
        if any(one.id == "too large" for one in effects):
            raise ValueError("too large")

    fixture = OutboxFixture({EffectKind.EVENT: put})
    fixture.invoke(lambda: fixture.outbox.deliver([effect("e1"), effect("too large"), effect("e3")]))
    assert fixture.store.calls == [("put off", ["too large: ValueError: too large"]), ("struck off", ["e1", "e3"])]


@pytest.mark.parametrize("together", [True, False])
def test_after_a_failed_stop_only_the_start_of_the_same_run_waits(together: bool) -> None:
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
    assert fixture.store.calls == [
        ("put off", ["stop: ConnectionError: no answer"]),
        ("struck off", ["other", "event"]),
    ]

    fixture.invoke(lambda: fixture.outbox.deliver([orders[1]]))  # the stop failed in an earlier invocation
    assert fixture.taken[2:] == [["start"]]


class ProcessKilled(BaseException):
    pass


@pytest.mark.parametrize("error", [SystemExit(1), ProcessKilled(1)])
def test_a_delivery_that_would_end_the_process_counts_as_failed(error: BaseException) -> None:
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
    assert fixture.store.calls == [("put off", put_off), ("struck off", ["event"])]


def test_a_kill_ends_a_delivery_that_has_no_thread_of_its_own() -> None:
    def kill(effects: Sequence[Effect]) -> None:
        raise ProcessKilled

    fixture = OutboxFixture({EffectKind.STOP: kill}, executor=ImmediateExecutor())
    with pytest.raises(ProcessKilled):
        fixture.invoke(lambda: fixture.outbox.deliver([effect("stop", EffectKind.STOP)]))
    assert fixture.store.calls == []


def test_a_start_that_is_no_longer_wanted_is_struck_off() -> None:
    fixture = OutboxFixture()
    fixture.invoke(lambda: fixture.outbox.deliver([Effect("start", "run", EffectKind.START, {}, wanted=False)]))
    assert (fixture.taken, fixture.store.calls) == ([[]], [("struck off", ["start"])])


def test_a_handler_answers_in_time_if_aws_hangs_and_only_delivered_effects_are_struck_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    began, go, threads = threading.Event(), threading.Event(), list[threading.Thread]()

    def hang(effects: Sequence[Effect]) -> None:
        threads.append(threading.current_thread())
        began.set()
        assert go.wait(MAX_SECONDS)

    fixture = OutboxFixture({EffectKind.RELEASE: hang})

    def handler() -> str:
        fixture.outbox.deliver(
            [effect("decision", EffectKind.COMPLETE), effect("gate", EffectKind.RELEASE), effect("event")]
        )
        assert began.wait(MAX_SECONDS)
        return "answer"

    with caplog.at_level(logging.WARNING):
        assert fixture.invoke(handler, LITTLE_TIME) == "answer"
    assert "left to the relay" in caplog.text
    assert (fixture.taken, fixture.store.calls) == ([["decision"]], [("struck off", ["decision"])])

    fixture.invoke(lambda: fixture.outbox.deliver([effect("next")]))
    assert fixture.taken == [["decision"], ["next"]]
    go.set()
    threads[0].join(MAX_SECONDS)
    assert fixture.delivered.take() == ["gate"]  # it was delivered late: the next boundary strikes it off


def test_an_unavailable_record_does_not_fail_the_handler(caplog: pytest.LogCaptureFixture) -> None:
    fixture = OutboxFixture({EffectKind.STOP: refuse}, store=FakeStore(broken=True))
    with caplog.at_level(logging.WARNING):
        assert fixture.invoke(lambda: fixture.outbox.deliver([effect("e"), effect("stop", EffectKind.STOP)])) is None
    assert caplog.text.count("the report of deliveries to the record failed") == 2


def test_a_killed_invocation_does_not_wait_for_its_deliveries() -> None:
    fixture = OutboxFixture()

    def handler() -> None:
        fixture.outbox.deliver([effect("e")])
        raise ProcessKilled

    with pytest.raises(ProcessKilled):
        fixture.invoke(handler)
    assert fixture.store.calls == []
