"""The KPI database, read for one organisation. Each call is one read-only transaction with its own limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from baton.connection import Connection, Login, Row, Waits, connect

MAX_ROWS = 10_000
MAX_RESULT_BYTES = 2_000_000  # JSON escapes them twice, and a Lambda response has at most 6 MB
TIMEOUT_MS = 8_000
MAX_BATCH_ROWS = 2_000  # of one fetch
FIRST_BATCH_ROWS = 50
WAITS = Waits(answer=9.0)  # a little longer than the server takes

# The organisation, and limits that the guard cannot set: time, memory, and processes with memory of their own.
_LIMITS = """
select set_config('baton.organization', %(organization)s, true),
       set_config('statement_timeout', %(timeout)s, true),
       set_config('search_path', '', true),
       set_config('timezone', 'UTC', true),
       set_config('work_mem', '8MB', true),
       set_config('hash_mem_multiplier', '1', true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('jit', 'off', true)
"""
_TIME_LEFT = "select set_config('statement_timeout', %(timeout)s, true)"

Result = TypeVar("Result")


class QueryFailed(Exception):
    """The query would fail again: Postgres refuses it (the message is its own), it takes too long, or its answer is
    too large."""


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or it had too few resources, or too little time for its catalog."""


@dataclass(frozen=True)
class Rows:
    """``json`` is an array of objects. Postgres writes it, so numbers have exactly the digits of the database."""

    json: str
    count: int
    truncated: bool


class KpiDatabase:
    """One connection of the login ``baton_mcp``. The first call opens it; a call that finds it closed opens it again.

    ``query`` and ``catalog`` raise ``QueryFailed`` and ``DatabaseUnavailable``.
    """

    def __init__(
        self,
        login: Login | str,
        timeout_ms: int = TIMEOUT_MS,
        waits: Waits = WAITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._login = Login(login) if isinstance(login, str) else login
        self._timeout_ms = timeout_ms
        self._waits = waits
        self._clock = clock
        self._connection: Connection | None = None
        self._one_at_a_time = threading.Lock()

    def query(self, organization: str, statement: str, max_rows: int = MAX_ROWS) -> Rows:
        """Run one SELECT and return at most ``max_rows`` rows.

        The query guard must have accepted the statement: only the guard prevents a change of the organisation.
        """
        # A pipeline uses the extended protocol, so Postgres refuses a second statement.
        limited = f"select to_json(answer)::text as row from (\n{statement}\n) as answer limit {int(max_rows) + 1}"
        declaration = f"declare answer no scroll cursor for {limited}".encode()
        rows = self._read(organization, lambda connection: self._fetch_in_time(connection, declaration))
        text = "[" + ",".join(rows[:max_rows]) + "]"
        return Rows(text, min(len(rows), max_rows), truncated=len(rows) > max_rows)

    def _fetch_in_time(self, connection: psycopg.Connection[Row], declaration: bytes) -> list[str]:
        """As ``_fetch``. A query that takes too long would take too long again, so its end is no temporary failure."""
        try:
            return self._fetch(connection, declaration)
        except psycopg.errors.QueryCanceled as error:
            seconds = self._timeout_ms / 1000
            raise QueryFailed(f"the query was cancelled: it may take {seconds:g} s at most; ask for less") from error

    def _fetch(self, connection: psycopg.Connection[Row], declaration: bytes) -> list[str]:
        """The rows of the cursor as JSON. Raises QueryFailed if they have more than ``MAX_RESULT_BYTES``."""
        deadline = self._clock() + self._timeout_ms / 1000
        connection.execute(declaration)
        rows: list[str] = []
        size, batch_size = 0, FIRST_BATCH_ROWS
        while True:
            left = max(1, int((deadline - self._clock()) * 1000))  # the time-out starts again with each fetch
            connection.execute(_TIME_LEFT, {"timeout": f"{left}ms"})
            batch = [row["row"] for row in connection.execute(f"fetch {batch_size} from answer".encode()).fetchall()]
            rows += batch
            size += sum(len(row.encode()) + 1 for row in batch)
            if size > MAX_RESULT_BYTES:
                raise QueryFailed(f"the answer is larger than {MAX_RESULT_BYTES} bytes; ask for fewer columns or rows")
            if len(batch) < batch_size:
                return rows
            batch_size = min(
                MAX_BATCH_ROWS, 1 + (MAX_RESULT_BYTES - size) * len(rows) // size
            )  # about as many as may follow

    def catalog(self, organization: str, name: str, **params: Any) -> list[Row]:
        """Run the statement ``<name>.sql`` of this package."""
        statement = (Path(__file__).parent / f"{name}.sql").read_bytes()
        return self._read(organization, lambda connection: connection.execute(statement, params or None).fetchall())

    def close(self) -> None:
        with self._one_at_a_time:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _read(self, organization: str, run: Callable[[psycopg.Connection[Row]], Result]) -> Result:
        settings = {"organization": organization, "timeout": f"{self._timeout_ms}ms"}
        given_up_at = time.monotonic() + self._waits.call
        with self._one_at_a_time:
            for is_last_try in (False, True):
                connection = self._open(given_up_at)
                try:
                    return _in_read_only_transaction(connection, settings, run)
                except psycopg.OperationalError as error:
                    # The server or the pooler may have closed the idle connection; only this call notices it.
                    lost = _was_lost(error)
                    if not lost and not _is_temporary(error):
                        raise QueryFailed(str(error)) from error
                    if is_last_try or not lost:
                        raise DatabaseUnavailable(str(error)) from error
                except psycopg.Error as error:
                    raise QueryFailed(str(error)) from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _open(self, given_up_at: float) -> Connection:
        if self._connection is None or self._connection.closed:
            try:
                self._connection = connect(self._login, self._waits)
            except psycopg.OperationalError as error:
                raise DatabaseUnavailable(f"the KPI database cannot be reached: {error}") from error
        self._connection.answer_by = min(time.monotonic() + self._waits.answer, given_up_at)
        return self._connection


def _was_lost(error: psycopg.OperationalError) -> bool:
    """Whether the connection is of no more use, also if psycopg's pipeline has left it open."""
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))


def _is_temporary(error: psycopg.OperationalError) -> bool:
    """Whether the statement may succeed later: the server had too few resources or too little time."""
    return error.sqlstate is not None and error.sqlstate.startswith(("53", "57"))


def _in_read_only_transaction(
    connection: psycopg.Connection[Row],
    settings: Mapping[str, str],
    run: Callable[[psycopg.Connection[Row]], Result],
) -> Result:
    """The result of ``run``. After an error, of Postgres or of ``run``, the connection is closed: psycopg may leave a
    failed pipeline in the middle of the transaction."""
    try:
        with connection.pipeline(), connection.transaction():
            connection.execute("set transaction read only")
            connection.execute(_LIMITS, settings)
            return run(connection)
    except BaseException:
        connection.close()
        raise
