"""Invocations that run one at a time, and stop at every boundary until the scheduler lets them go on.

Each is a thread of its own, but only one of them runs at a time: the code between two boundaries is deterministic, and
the scheduler chooses the order of the boundaries.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

_running = threading.local()


class FiberAbandoned(BaseException):
    """The test is over; the fibers that still run end."""


class Fiber:
    """``work`` in steps: ``advance`` runs it up to its next ``pause``, or to its end."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.done = False
        self._work = work
        self._output: Any = None
        self._error: BaseException | None = None
        self._go = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self._abandoned = False
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()

    def advance(self) -> None:
        self._go.release()
        self._stopped.acquire()

    def result(self) -> Any:
        """The result of the work; raises its exception."""
        assert self.done
        if self._error is not None:
            raise self._error
        return self._output

    def abandon(self) -> None:
        self._abandoned = True
        while not self.done:
            self.advance()

    def _main(self) -> None:
        _running.fiber = self
        self._go.acquire()
        try:
            self._check()
            self._output = self._work()
        except BaseException as error:  # noqa: BLE001 (`result` raises it)
            self._error = error
        self.done = True
        self._stopped.release()

    def _pause(self) -> None:
        self._stopped.release()
        self._go.acquire()
        self._check()

    def _check(self) -> None:
        if self._abandoned:
            raise FiberAbandoned


def pause() -> None:
    """Lets other fibers run first. Outside of a fiber it does nothing."""
    fiber = getattr(_running, "fiber", None)
    if fiber is not None:
        fiber._pause()
