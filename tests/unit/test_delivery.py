"""The thread that delivers effects beside the work of an invocation."""

from __future__ import annotations

import gc
import threading
from contextvars import ContextVar

from baton.delivery import AtOnce, DeliveryThread

MAX_SECONDS = 10.0  # no call of a passing test takes so long
of_the_invocation: ContextVar[str] = ContextVar("of_the_invocation", default="")


def delivery_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "deliveries"}


def test_calls_run_in_order_beside_the_callers_work() -> None:
    lane, done, go = DeliveryThread(), list[int](), threading.Event()
    lane.put(lambda: done.append(1) if go.wait(MAX_SECONDS) else None)
    lane.put(lambda: done.append(2))
    assert done == []
    go.set()
    assert lane.join(MAX_SECONDS)
    assert done == [1, 2]


def test_without_calls_there_is_no_thread_and_all_calls_share_one() -> None:
    before, lane = delivery_threads(), DeliveryThread()
    assert lane.join(MAX_SECONDS)
    assert delivery_threads() == before

    seen: list[threading.Thread] = []
    for _ in range(3):
        lane.put(lambda: seen.append(threading.current_thread()))
        assert lane.join(MAX_SECONDS)
    assert len(set(seen)) == 1
    assert delivery_threads() - before == set(seen)


def test_the_thread_ends_when_its_owner_is_deleted() -> None:
    lane, seen = DeliveryThread(), list[threading.Thread]()
    lane.put(lambda: seen.append(threading.current_thread()))
    assert lane.join(MAX_SECONDS)
    del lane
    gc.collect()
    seen[0].join(MAX_SECONDS)
    assert not seen[0].is_alive()


def test_a_failed_call_does_not_end_the_thread() -> None:
    def fail() -> None:
        raise SystemExit(1)

    lane, done = DeliveryThread(), list[int]()
    lane.put(fail)
    lane.put(lambda: done.append(1))
    assert lane.join(MAX_SECONDS)
    assert done == [1]


def test_a_call_runs_in_the_context_of_its_caller() -> None:
    """The context has the function's environment on the local stack, and the logger's keys."""
    lane, seen = DeliveryThread(), list[str]()
    for name in ("first", "second"):
        of_the_invocation.set(name)
        lane.put(lambda: seen.append(of_the_invocation.get()))
    assert lane.join(MAX_SECONDS)
    assert seen == ["first", "second"]


def test_a_thread_that_takes_too_long_is_replaced() -> None:
    lane, done, began, go = DeliveryThread(), list[str](), threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def hang() -> None:
        threads.append(threading.current_thread())
        began.set()
        assert go.wait(MAX_SECONDS)
        done.append("late")

    lane.put(hang)
    lane.put(lambda: done.append("never"))
    assert began.wait(MAX_SECONDS)
    assert not lane.join(0.01)
    lane.put(lambda: done.append("next"))
    assert lane.join(MAX_SECONDS)
    assert done == ["next"]
    go.set()
    threads[0].join(MAX_SECONDS)
    assert done == ["next", "late"]  # the call that had begun ends, and then its thread


def test_at_once_runs_a_call_immediately() -> None:
    lane, done = AtOnce(), list[int]()
    lane.put(lambda: done.append(1))
    assert done == [1]
    assert lane.join(0.0)
