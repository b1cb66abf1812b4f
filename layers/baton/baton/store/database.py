"""One connection to Postgres. It works with a transaction pooler, and survives the sleep of an execution environment
between calls."""

from __future__ import annotations

import random
import selectors
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg.types.json import set_json_dumps, set_json_loads

from baton import exact_json
from baton.connection import WAITS, Connection, Login, Row, Waits, connect
from baton.errors import StoreUnavailable
from baton.outbox import Delivered

Params = Mapping[str, Any]
Statement = tuple[str, Params]
Result = TypeVar("Result")

# Seconds before another try after a deadlock or a lock time-out. Without a pause, the statement often takes the lock
# before the other transaction gets it, and both are in a deadlock again.
_PAUSES = (0.05, 0.2, 0.5)
_MAX_WAIT_SECONDS = 1.0  # for the answer to an unawaited statement, which usually has come already

set_json_dumps(exact_json.dumps)
set_json_loads(exact_json.loads)


class Database:
    """Runs statements on one autocommit connection, which it opens on first use. It opens the connection once more if
    it was lost, or if an answer did not come in time. After a deadlock or a lock time-out, it tries three times more.

    It uses no prepared statements and no session state, because a transaction pooler supports neither.

    ``delivered`` has effects whose rows the next boundary strikes off.

    Raises (all methods):
        StoreUnavailable: the database cannot be reached, or went away twice.
    """

    def __init__(self, login: Login | str, waits: Waits = WAITS) -> None:
        self.delivered = Delivered()
        self._login = Login(login) if isinstance(login, str) else login
        self._waits = waits
        self._connection: Connection | None = None
        self._cursors: dict[str, psycopg.Cursor[Row]] = {}
        self._unread = False
        self._one_at_a_time = threading.RLock()

    def fetch_all(self, sql: str, params: Params) -> list[Row]:
        """The rows of one statement: one round trip, one transaction."""
        return self._run(lambda connection: self._cursor(connection, sql).execute(sql, params).fetchall())

    def fetch_one(self, sql: str, params: Params) -> Row | None:
        """The first row of one statement, or None."""
        rows = self.fetch_all(sql, params)
        return rows[0] if rows else None

    def execute(self, sql: str, params: Params) -> None:
        """One statement that answers with no rows."""
        self._run(lambda connection: connection.execute(sql, params))

    def pipeline(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The rows of each statement, in order. All of them are one round trip and one transaction.

        Each statement sees what was committed before it began, so a lock taken by the first is held, and the state it
        protects is fresh, for the second.
        """

        def run(connection: psycopg.Connection[Row]) -> list[list[Row]]:
            with connection.pipeline():
                cursors = [connection.execute(sql, params) for sql, params in statements]
            return [cursor.fetchall() if cursor.description else [] for cursor in cursors]

        return self._run(run)

    def send(self, sql: str, params: Params) -> None:
        """Sends one statement, which is a transaction, and does not wait for its answer. The caller does not learn
        whether it succeeded. The next statement reads the answer first, and drops it."""

        def run(connection: psycopg.Connection[Row]) -> None:
            connection.pgconn.send_query(psycopg.ClientCursor(connection).mogrify(sql, params).encode())
            self._unread = True
            connection.pgconn.flush()  # the next statement sends what the socket does not take now

        self._run(run)

    def close(self) -> None:
        with self._one_at_a_time:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _run(self, work: Callable[[psycopg.Connection[Row]], Result]) -> Result:
        with self._one_at_a_time:
            may_reopen = self._connection is not None
            deadline = time.monotonic() + self._waits.call
            pauses = iter(_PAUSES)
            while True:
                try:
                    return work(self._open(deadline))
                except psycopg.OperationalError as error:
                    if _was_cancelled_by_locks(error) and time.monotonic() < deadline and (pause := next(pauses, 0.0)):
                        time.sleep(pause * random.uniform(0.5, 1.5))
                        continue
                    if _is_beyond_limits(error):
                        raise
                    self.close()
                    if not (may_reopen and _connection_was_lost(error)):
                        raise StoreUnavailable(f"the database did not answer: {error}") from error
                    # A server or pooler may have closed the idle connection. If the connection broke during the
                    # statement, it may have been committed: every boundary gives the same answer to a repeated call.
                    may_reopen = False

    def _cursor(self, connection: psycopg.Connection[Row], sql: str) -> psycopg.Cursor[Row]:
        """The statement's cursor on this connection. A cursor caches how psycopg writes the parameters."""
        cursor = self._cursors.get(sql)
        if cursor is None or cursor.connection is not connection:
            cursor = self._cursors[sql] = connection.cursor()
        return cursor

    def _open(self, deadline: float) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._login, self._waits)
            self._unread = False
        self._connection.answer_by = min(time.monotonic() + self._waits.answer, deadline)
        if self._unread:
            _forget_answer(self._connection.pgconn)
            self._unread = False
        return self._connection


def _forget_answer(pgconn: psycopg.pq.abc.PGconn) -> None:
    """Reads and drops the answer to an unawaited statement. If the connection died while the environment slept, libpq
    would wait for ever; so the wait is limited.

    Raises:
        psycopg.OperationalError: no answer came in time.
    """
    deadline = time.monotonic() + _MAX_WAIT_SECONDS
    pgconn.consume_input()  # usually, the answer has come already
    while pgconn.flush() or pgconn.is_busy():
        with selectors.PollSelector() as selector:
            selector.register(pgconn.socket, selectors.EVENT_READ)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise psycopg.OperationalError("the last unawaited statement was not answered")
        pgconn.consume_input()
    while pgconn.get_result() is not None:
        pass


def _was_cancelled_by_locks(error: psycopg.OperationalError) -> bool:
    """Whether Postgres cancelled the statement because of another transaction's locks: a deadlock, or the lock
    time-out."""
    return isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.LockNotAvailable)


def _is_beyond_limits(error: psycopg.OperationalError) -> bool:
    """Whether a value or a statement is beyond a limit of Postgres (class 54). It would be so again."""
    return error.sqlstate is not None and error.sqlstate.startswith("54")


def _connection_was_lost(error: psycopg.OperationalError) -> bool:
    """Whether the connection is gone. Otherwise the server has refused the statement."""
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
