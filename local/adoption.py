"""Continue open runs in new executions: those of the last stack of a data directory are lost.

There may be any number of open runs. The stack adopts some while it starts. The relay function adopts the others, call
by call, while the stack runs.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from local.runtime import InvocationResult

MAX_RUNS_AT_START = 100  # these take some seconds
PAUSE_SECONDS = 10.0  # before a call that failed is made again


class AdoptionFailed(RuntimeError):
    """The relay function failed; the message says how."""


class Adoption:
    """``is_through``: set once no run is left."""

    def __init__(self, invoke: Callable[[str, Any], InvocationResult]) -> None:
        self.is_through = threading.Event()
        self._invoke = invoke
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Adopts as many as fit into a start, and goes on with the others in a thread.

        Raises:
            AdoptionFailed: see there.
        """
        answer = self._invoke("relay", {"adopt": {"limit": MAX_RUNS_AT_START}})
        adopted = json.loads(answer.payload)
        if answer.is_error:
            raise AdoptionFailed(f"{adopted['errorType']}: {adopted['errorMessage']}")
        if adopted["isThrough"]:
            self.is_through.set()
            return
        self._thread = threading.Thread(target=self._go_on, args=(adopted["before"],), name="adoption", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _go_on(self, before: str) -> None:
        while not (self.is_through.is_set() or self._stopped.is_set()):
            answer = self._invoke("relay", {"adopt": {"before": before, "limit": MAX_RUNS_AT_START}})
            if answer.is_error:
                self._stopped.wait(PAUSE_SECONDS)
            elif json.loads(answer.payload)["isThrough"]:
                self.is_through.set()
