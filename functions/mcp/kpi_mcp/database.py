"""The KPI database as one organisation may read it: every call is one read-only transaction with limits of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from baton.connection import Connection, Login, Row, Waits, connect

ROW_LIMIT = 10_000
SIZE_LIMIT = 2_000_000  # characters; escaped twice on its way they must still fit the 6 MB of a Lambda answer
TIMEOUT_MS = 8_000
WAITS = Waits(answer=9.0)  # a little longer than the server takes

_LIMITS = """
select set_config('baton.organization', %(organization)s, true),
       set_config('statement_timeout', %(timeout)s, true),
       set_config('search_path', '', true),
       set_config('timezone', 'UTC', true)
"""

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

    def __init__(self, login: Login | str, timeout_ms: int = TIMEOUT_MS, waits: Waits = WAITS) -> None:
        self._login = Login(login) if isinstance(login, str) else login
        self._timeout_ms = timeout_ms
        self._waits = waits
        self._connection: Connection | None = None
        self._one_at_a_time = threading.Lock()

    def query(self, organization: str, statement: str, row_limit: int = ROW_LIMIT) -> Rows:
        """Run one SELECT and return at most ``row_limit`` rows.

        The statement must have passed the guard: only the guard keeps it from changing the transaction's organisation.
        """
        # Extended protocol (a pipeline always uses it), so that Postgres itself refuses a second statement.
        limited = f"select to_json(answer)::text as row from (\n{statement}\n) as answer limit {int(row_limit) + 1}"
        found = self._read(organization, lambda connection: connection.execute(limited.encode()))
        rows = [row["row"] for row in found[:row_limit]]
        text = "[" + ",".join(rows) + "]"
        if len(text) > SIZE_LIMIT:
            raise QueryFailed(f"the answer is larger than {SIZE_LIMIT} characters; ask for fewer columns or rows")
        return Rows(text, len(rows), truncated=len(found) > row_limit)

    def catalog(self, organization: str, name: str, **params: Any) -> list[Row]:
        """Run one of this package's own statements, ``<name>.sql``."""
        statement = (Path(__file__).parent / f"{name}.sql").read_bytes()
        return self._read(organization, lambda connection: connection.execute(statement, params or None))

    def close(self) -> None:
        with self._one_at_a_time:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _read(self, organization: str, run: Callable[[psycopg.Connection[Row]], psycopg.Cursor[Row]]) -> list[Row]:
        settings = {"organization": organization, "timeout": f"{self._timeout_ms}ms"}
        given_up_at = time.monotonic() + self._waits.call
        with self._one_at_a_time:
            for is_last_try in (False, True):
                connection = self._open(given_up_at)
                try:
                    return _in_read_only_transaction(connection, settings, run)
                except psycopg.OperationalError as error:
                    # A server or pooler that closed the idle connection shows only now.
                    if lost := _was_lost(error):
                        connection.close()
                    elif not _may_pass(error):
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
    """Whether the connection is of no use any more, whatever the pipeline that was in it makes of that."""
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))


def _may_pass(error: psycopg.OperationalError) -> bool:
    """Whether the same statement may succeed later: the server was out of resources or time."""
    return error.sqlstate is not None and error.sqlstate.startswith(("53", "57"))


def _in_read_only_transaction(
    connection: psycopg.Connection[Row],
    settings: Mapping[str, str],
    run: Callable[[psycopg.Connection[Row]], psycopg.Cursor[Row]],
) -> list[Row]:
    with connection.pipeline(), connection.transaction():
        connection.execute("set transaction read only")
        connection.execute(_LIMITS, settings)
        return run(connection).fetchall()
