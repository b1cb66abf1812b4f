"""The thread that delivers effects beside the work of an invocation."""

from __future__ import annotations

import gc
import threading
from contextvars import ContextVar

from baton.delivery import DeliveryThread, ImmediateExecutor

MAX_SECONDS = 10.0  # no call of a passing test takes so long
of_the_invocation: ContextVar[str] = ContextVar("of_the_invocation", default="")


def delivery_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "deliveries"}


def test_calls_run_in_order_beside_the_callers_work() -> None:
    executor, done, go = DeliveryThread(), list[int](), threading.Event()
    executor.submit(lambda: done.append(1) if go.wait(MAX_SECONDS) else None)
    executor.submit(lambda: done.append(2))
    assert done == []
    go.set()
    assert executor.join(MAX_SECONDS)
    assert done == [1, 2]


def test_without_calls_there_is_no_thread_and_all_calls_share_one() -> None:
    before, executor = delivery_threads(), DeliveryThread()
    assert executor.join(MAX_SECONDS)
    assert delivery_threads() == before

    seen: list[threading.Thread] = []
    for _ in range(3):
        executor.submit(lambda: seen.append(threading.current_thread()))
        assert executor.join(MAX_SECONDS)
    assert len(set(seen)) == 1
    assert delivery_threads() - before == set(seen)


def test_the_thread_ends_when_its_owner_is_deleted() -> None:
    executor, seen = DeliveryThread(), list[threading.Thread]()
    executor.submit(lambda: seen.append(threading.current_thread()))
    assert executor.join(MAX_SECONDS)
    del executor
    gc.collect()
    seen[0].join(MAX_SECONDS)
    assert not seen[0].is_alive()


def test_a_failed_call_does_not_end_the_thread() -> None:
    def fail() -> None:
        raise SystemExit(1)

    executor, done = DeliveryThread(), list[int]()
    executor.submit(fail)
    executor.submit(lambda: done.append(1))
    assert executor.join(MAX_SECONDS)
    assert done == [1]


def test_a_call_runs_in_the_context_of_its_caller() -> None:
    """The context has the function's environment on the local stack, and the logger's keys."""
    executor, seen = DeliveryThread(), list[str]()
    for name in ("first", "second"):
        of_the_invocation.set(name)
        executor.submit(lambda: seen.append(of_the_invocation.get()))
    assert executor.join(MAX_SECONDS)
    assert seen == ["first", "second"]


def test_a_thread_that_takes_too_long_is_replaced() -> None:
    executor, done, began, go = DeliveryThread(), list[str](), threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def hang() -> None:
        threads.append(threading.current_thread())
        began.set()
        assert go.wait(MAX_SECONDS)
        done.append("late")

    executor.submit(hang)
    executor.submit(lambda: done.append("never"))
    assert began.wait(MAX_SECONDS)
    assert not executor.join(0.01)
    executor.submit(lambda: done.append("next"))
    assert executor.join(MAX_SECONDS)
    assert done == ["next"]
    go.set()
    threads[0].join(MAX_SECONDS)
    assert done == ["next", "late"]  # the call that had begun ends, and then its thread


def test_at_once_runs_a_call_immediately() -> None:
    executor, done = ImmediateExecutor(), list[int]()
    executor.submit(lambda: done.append(1))
    assert done == [1]
    assert executor.join(0.0)
