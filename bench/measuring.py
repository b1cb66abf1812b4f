"""Measures the cost of work: CPU of this process and of Postgres' processes, and WAL.

Postgres' CPU comes from /proc, so it is known only on Linux and for a server on this machine. This module needs only
psycopg, because the peers' environment uses it, too.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

_SESSIONS = """
select pid, state from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
"""
_SERVER = "select pid from pg_stat_activity where backend_type not in ('client backend', 'parallel worker')"


@dataclass(frozen=True)
class Cost:
    """CPU in milliseconds: ``client`` of this process, ``record`` its part inside calls of the store, ``postgres`` of
    the sessions' backends, ``server`` of the shared processes (WAL writer, background writer …). ``wal`` is in bytes.
    NaN means unknown."""

    client: float
    record: float
    postgres: float
    server: float
    wal: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(mine + theirs for mine, theirs in zip(self.all(), other.all(), strict=True)))

    def each(self, times: int) -> Cost:
        return Cost(*(figure / times for figure in self.all()))

    def all(self) -> tuple[float, ...]:
        return self.client, self.record, self.postgres, self.server, self.wal


NOTHING = Cost(0.0, 0.0, 0.0, 0.0, 0.0)


class Stopwatch:
    """CPU of the whole process while the stopwatch runs. Nested calls count once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        self.start()
        try:
            yield
        finally:
            self.stop()

    def start(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self._began = time.process_time()

    def stop(self) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.process_time() - self._began


@dataclass(frozen=True)
class _Reading:
    client: float
    record: float
    backends: dict[int, float]
    server: dict[int, float]
    wal: float


class Meters:
    """Reads every meter before and after work. ``url`` leads to the measured database, for a role that sees all
    sessions. ``client`` and ``record`` are the stopwatches of the work and of the store's calls."""

    def __init__(self, url: str, client: Stopwatch, record: Stopwatch | None = None) -> None:
        self._connection: psycopg.Connection[Any] = psycopg.connect(url, autocommit=True, application_name="meters")
        self._client, self._record = client, record or Stopwatch()
        self.cost = NOTHING

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """Set ``cost`` to the cost of the context. Sessions must still be open at its end."""
        before = self._read()
        yield
        after = self._read()
        self.cost = Cost(
            client=1000 * (after.client - before.client),
            record=1000 * (after.record - before.record),
            postgres=_spent(before.backends, after.backends),
            server=_spent(before.server, after.server),
            wal=after.wal - before.wal,
        )

    def checkpoint(self) -> None:
        """Make a checkpoint: the next change of each page logs the page. So every measurement starts alike."""
        self._connection.execute("checkpoint")

    def close(self) -> None:
        self._connection.close()

    def _read(self) -> _Reading:
        return _Reading(
            client=self._client.seconds,
            record=self._record.seconds,
            backends=_cpu(self._sessions_at_rest()),
            server=_cpu([pid for (pid,) in self._connection.execute(_SERVER)]),
            wal=float(self._one("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")),
        )

    def _sessions_at_rest(self) -> list[int]:
        """The database's sessions, after all are idle: a statement without waiting may still run."""
        while True:
            sessions = self._connection.execute(_SESSIONS).fetchall()
            if all(state != "active" for _, state in sessions):
                return [pid for pid, _ in sessions]
            time.sleep(0.001)

    def _one(self, query: str) -> Any:
        row = self._connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def load_of_machine() -> str:
    return " ".join(f"{load:.2f}" for load in os.getloadavg()) + f" on {os.cpu_count()} cores"


def _cpu(pids: list[int]) -> dict[int, float]:
    """Process → its CPU milliseconds so far, without ended processes."""
    if not Path("/proc/self/schedstat").exists():
        return {0: float("nan")}
    return {pid: spent for pid in pids if (spent := _cpu_of(pid)) is not None}


def _cpu_of(pid: int) -> float | None:
    """None if there is no such process. NaN if it is not Postgres: then the server is on another machine."""
    try:
        if not Path(f"/proc/{pid}/comm").read_text().startswith("postgres"):
            return float("nan")
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
    except (FileNotFoundError, ProcessLookupError):
        return None


def _spent(before: dict[int, float], after: dict[int, float]) -> float:
    """CPU of the present processes between two readings. A new process began at 0."""
    return sum(now - before.get(pid, 0.0) for pid, now in after.items())
