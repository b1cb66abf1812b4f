"""Starts the embedded Postgres again after it ended by itself, such as after `kill -9`."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Self

from local.binaries import PostgresUnavailable
from local.postgres import Postgres

PAUSE_SECONDS = 1.0
_log = logging.getLogger(__name__)


class PostgresWatch:
    """A context manager: inside the context, a thread looks at the server each second. The caller starts the server
    before the context and stops it after the context."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="postgres-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            if not self._postgres.is_running:
                self._start_again()

    def _start_again(self) -> None:
        """Start the server. If that fails, the next look tries again: the disk may be full for a while."""
        try:
            self._postgres.start_again()
            _log.warning("Postgres had ended by itself, and was started again")
        except (PostgresUnavailable, OSError) as error:
            _log.warning("Postgres has ended by itself and does not start: %s", error)
