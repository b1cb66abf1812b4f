"""The KPI database as one organisation may read it: every call is one read-only transaction with limits of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

ROW_LIMIT = 10_000
SIZE_LIMIT = 2_000_000  # bytes; escaped twice on its way they must still fit the 6 MB of a Lambda answer
TIMEOUT_MS = 8_000
MAX_BATCH = 2_000  # rows fetched at once
FIRST_BATCH = 50

# Beside the organisation, what the guard cannot bound: time, memory, and processes that would each have their own.
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

Row = dict[str, Any]
Result = TypeVar("Result")


class QueryFailed(Exception):
    """The database refused a query. The message is Postgres' own; the same query will be refused again."""


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or gave a query up for its own sake: out of time or of resources."""


@dataclass(frozen=True)
class Rows:
    """``json`` is a JSON array of objects, written by Postgres: numbers have exactly the digits the database holds."""

    json: str
    count: int
    truncated: bool


class KpiDatabase:
    """One connection of the login ``baton_mcp``, opened on first use and once more when it was lost.

    Both reading methods raise ``QueryFailed`` and ``DatabaseUnavailable``.
    """

    def __init__(self, url: str, timeout_ms: int = TIMEOUT_MS, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._timeout_ms = timeout_ms
        self._clock = clock
        self._connection: psycopg.Connection[Row] | None = None
        self._one_at_a_time = threading.Lock()

    def query(self, organization: str, statement: str, row_limit: int = ROW_LIMIT) -> Rows:
        """Run one SELECT and return at most ``row_limit`` rows.

        The statement must have passed the guard: only the guard keeps it from changing the transaction's organisation.
        """
        # Extended protocol (a pipeline always uses it), so that Postgres itself refuses a second statement.
        limited = f"select to_json(answer)::text as row from (\n{statement}\n) as answer limit {int(row_limit) + 1}"
        declared = f"declare answer no scroll cursor for {limited}".encode()
        found = self._read(organization, lambda connection: self._fetched(connection, declared))
        text = "[" + ",".join(found[:row_limit]) + "]"
        return Rows(text, min(len(found), row_limit), truncated=len(found) > row_limit)

    def _fetched(self, connection: psycopg.Connection[Row], declared: bytes) -> list[str]:
        """The cursor's rows as JSON, counted in bytes as they come. Raises QueryFailed beyond ``SIZE_LIMIT``."""
        deadline = self._clock() + self._timeout_ms / 1000
        connection.execute(declared)
        rows: list[str] = []
        size, batch = 0, FIRST_BATCH
        while True:
            left = max(1, int((deadline - self._clock()) * 1000))  # a statement's time-out begins anew with each fetch
            connection.execute(_TIME_LEFT, {"timeout": f"{left}ms"})
            found = [row["row"] for row in connection.execute(f"fetch {batch} from answer".encode()).fetchall()]
            rows += found
            size += sum(len(row.encode()) + 1 for row in found)
            if size > SIZE_LIMIT:
                raise QueryFailed(f"the answer is larger than {SIZE_LIMIT} bytes; ask for fewer columns or rows")
            if len(found) < batch:
                return rows
            batch = min(MAX_BATCH, 1 + (SIZE_LIMIT - size) * len(rows) // size)  # about what may still come

    def catalog(self, organization: str, name: str, **params: Any) -> list[Row]:
        """Run one of this package's own statements, ``<name>.sql``."""
        statement = (Path(__file__).parent / f"{name}.sql").read_bytes()
        return self._read(organization, lambda connection: connection.execute(statement, params or None).fetchall())

    def close(self) -> None:
        with self._one_at_a_time:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _read(self, organization: str, run: Callable[[psycopg.Connection[Row]], Result]) -> Result:
        settings = {"organization": organization, "timeout": f"{self._timeout_ms}ms"}
        with self._one_at_a_time:
            for is_last_try in (False, True):
                connection = self._open()
                try:
                    return _in_read_only_transaction(connection, settings, run)
                except psycopg.OperationalError as error:
                    # A server or pooler that closed the idle connection shows only now.
                    if not connection.closed and not _may_pass(error):
                        raise QueryFailed(str(error)) from error
                    if is_last_try or not connection.closed:
                        raise DatabaseUnavailable(str(error)) from error
                except psycopg.Error as error:
                    raise QueryFailed(str(error)) from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _open(self) -> psycopg.Connection[Row]:
        if self._connection is None or self._connection.closed:
            try:
                self._connection = psycopg.connect(
                    self._url, autocommit=True, prepare_threshold=None, row_factory=dict_row, connect_timeout=5
                )
            except psycopg.OperationalError as error:
                raise DatabaseUnavailable(f"the KPI database cannot be reached: {error}") from error
        return self._connection


def _may_pass(error: psycopg.OperationalError) -> bool:
    """Whether the same statement may succeed later: the server was out of resources or time, or was shutting down."""
    return error.sqlstate is None or error.sqlstate.startswith(("08", "53", "57"))


def _in_read_only_transaction(
    connection: psycopg.Connection[Row],
    settings: Mapping[str, str],
    run: Callable[[psycopg.Connection[Row]], Result],
) -> Result:
    with connection.pipeline(), connection.transaction():
        connection.execute("set transaction read only")
        connection.execute(_LIMITS, settings)
        return run(connection)
