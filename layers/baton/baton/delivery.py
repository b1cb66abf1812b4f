"""Executors for the deliveries of the outbox: a thread beside the work of the invocation, or the caller's own
thread."""

from __future__ import annotations

import logging
import queue
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial

Task = Callable[[], None]
_Queue = queue.SimpleQueue[Task | None]


class DeliveryThread:
    """Runs tasks on one thread, in the order of their submission. The thread begins with the first task and sleeps
    between invocations. It ends when this object is garbage."""

    def __init__(self) -> None:
        self._queue: _Queue | None = None
        self._is_idle = True
        self._end_thread: Callable[[], object] = lambda: None

    def submit(self, task: Task) -> None:
        """Queues a task, which will run with the caller's context variables. Does not wait for it."""
        if self._queue is None:
            self._queue = queue.SimpleQueue()
            self._end_thread = weakref.finalize(self, self._queue.put, None)
            threading.Thread(target=_run_tasks, args=(self._queue,), name="deliveries", daemon=True).start()
        self._is_idle = False
        self._queue.put(partial(copy_context().run, task))

    def join(self, seconds: float) -> bool:
        """Waits until all tasks are done, at most so many seconds. Returns whether they are done. If they are not,
        drops the tasks in the queue and abandons the thread; the next task gets a new thread."""
        if self._queue is None or self._is_idle:
            return True
        end = threading.Event()
        self._queue.put(end.set)
        self._is_idle = end.wait(max(0.0, seconds))
        if not self._is_idle:
            with suppress(queue.Empty):
                while True:
                    self._queue.get_nowait()
            self._end_thread()
            self._queue = None
        return self._is_idle


class ImmediateExecutor:
    """Runs each task at once, on the caller's thread: for a function that has no other work."""

    def submit(self, task: Task) -> None:
        task()

    def join(self, seconds: float) -> bool:
        return True


def _run_tasks(tasks: _Queue) -> None:
    while (task := tasks.get()) is not None:
        try:
            task()
        except BaseException:
            logging.getLogger(__name__).exception("a delivery ended with an unexpected error")
