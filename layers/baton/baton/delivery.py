"""Lanes of the outbox: a thread beside the work of the invocation, or the caller's own thread."""

from __future__ import annotations

import logging
import queue
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial

Work = Callable[[], None]
_Queue = queue.SimpleQueue[Work | None]


class DeliveryThread:
    """Does work on one thread, in the order in which it comes. The thread begins with the first work and sleeps between
    invocations. It ends when this object is garbage."""

    def __init__(self) -> None:
        self._queue: _Queue | None = None
        self._is_idle = True
        self._let_go: Callable[[], object] = lambda: None

    def put(self, work: Work) -> None:
        """Queues work, which will run in the caller's context variables. Does not wait for it."""
        if self._queue is None:
            self._queue = queue.SimpleQueue()
            self._let_go = weakref.finalize(self, self._queue.put, None)
            threading.Thread(target=_work_off, args=(self._queue,), name="deliveries", daemon=True).start()
        self._is_idle = False
        self._queue.put(partial(copy_context().run, work))

    def join(self, seconds: float) -> bool:
        """Waits until all work is done; True if it is in time. If not, drops the work in the queue and abandons the
        thread; the next work gets a new one."""
        if self._queue is None or self._is_idle:
            return True
        end = threading.Event()
        self._queue.put(end.set)
        self._is_idle = end.wait(max(0.0, seconds))
        if not self._is_idle:
            with suppress(queue.Empty):
                while True:
                    self._queue.get_nowait()
            self._let_go()
            self._queue = None
        return self._is_idle


class AtOnce:
    """Does work at once, on the caller's thread: for a function that has no other work."""

    def put(self, work: Work) -> None:
        work()

    def join(self, seconds: float) -> bool:
        return True


def _work_off(works: _Queue) -> None:
    while (work := works.get()) is not None:
        try:
            work()
        except BaseException:
            logging.getLogger(__name__).exception("a delivery ended with an unexpected error")
