"""The boundaries that functions cross, and the faults that each may have.

A play without faults numbers them; a play with a fault at number n is the same up to there, because everything else is
deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import psycopg
from botocore.exceptions import ClientError

from baton.connection import Row
from baton.store.database import Database, Params, Statement
from tests.integration.faults import fibers

Result = TypeVar("Result")


class FunctionKilled(BaseException):
    """Ends a function like the loss of its machine: no code of ours catches it."""


class Fault(StrEnum):
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    AWAY = "away"  # the database does not answer, also not to a second try
    LOST = "lost"  # the database committed, but the connection broke before the answer
    REFUSED = "refused"  # AWS did nothing
    UNANSWERED = "unanswered"  # AWS did it, but the answer was lost


KILLS = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "commit": (*KILLS, Fault.AWAY, Fault.LOST),
    "aws": (*KILLS, Fault.REFUSED, Fault.UNANSWERED),
    "agent": KILLS,  # the tests of agents have the other faults of agents
}


@dataclass(frozen=True)
class Point:
    """One crossing of a play."""

    number: int
    kind: str
    function: str
    what: str

    def __str__(self) -> str:
        return f"{self.number}: {self.function} {self.what}"


@dataclass
class Boundaries:
    """``plan`` has the faults by crossing; ``crossed`` and ``struck`` are the crossings and the faults of the play."""

    plan: Mapping[int, Fault] = field(default_factory=dict)
    crossed: list[Point] = field(default_factory=list)
    struck: list[tuple[Point, Fault]] = field(default_factory=list)

    def cross(
        self,
        kind: str,
        function: str,
        what: str,
        action: Callable[[Fault | None], Result],
        check_alive: Callable[[], None],
    ) -> Result:
        """Runs ``action`` with its fault, if any. While it waited for its turn, another thread of its function may have
        been killed; then it ends, too."""
        fibers.pause()
        check_alive()
        point = Point(len(self.crossed), kind, function, what)
        self.crossed.append(point)
        fault = self.plan.get(point.number)
        if fault not in FAULTS[kind]:
            fault = None
        if fault is not None:
            self.struck.append((point, fault))
        if fault is Fault.KILLED_BEFORE:
            raise FunctionKilled(str(point))
        result = action(None if fault in KILLS else fault)
        if fault is Fault.KILLED_AFTER:
            raise FunctionKilled(str(point))
        return result


class Crossing(Protocol):
    """Crosses boundaries of the current play as the calling function (execution environments outlive plays)."""

    is_database_away: Callable[[], bool]

    def cross(self, kind: str, what: str, action: Callable[[Fault | None], Result]) -> Result: ...


class WatchedDatabase(Database):
    """A function's database whose every trip is a boundary."""

    def __init__(self, url: str, functions: Crossing) -> None:
        super().__init__(url)
        self._functions = functions
        self._fault: Fault | None = None

    def fetch_all(self, sql: str, params: Params) -> list[Row]:
        return self._crossing(sql, lambda: super(WatchedDatabase, self).fetch_all(sql, params))

    def execute(self, sql: str, params: Params) -> None:
        self._crossing(sql, lambda: super(WatchedDatabase, self).execute(sql, params))

    def send(self, sql: str, params: Params) -> None:
        def trip() -> None:
            super(WatchedDatabase, self).send(sql, params)
            self._run(lambda connection: None)  # waits for the answer, so that the play is deterministic

        self._crossing(sql, trip)

    def pipeline(self, statements: Any) -> list[list[Row]]:
        listed: list[Statement] = list(statements)
        return self._crossing(listed[1][0], lambda: super(WatchedDatabase, self).pipeline(listed))

    def _crossing(self, sql: str, trip: Callable[[], Result]) -> Result:
        def action(fault: Fault | None) -> Result:
            self._fault = fault
            try:
                return trip()
            finally:
                self._fault = None

        name = sql.strip().partition("\n")[0].removeprefix("-- ")
        return self._functions.cross("commit", name, action)

    def _run(self, work: Callable[[psycopg.Connection[Row]], Result]) -> Result:
        def faulty(connection: psycopg.Connection[Row]) -> Result:
            if self._fault is Fault.AWAY or self._functions.is_database_away():
                raise psycopg.OperationalError("connection refused")
            result = work(connection)
            if self._fault is Fault.LOST:
                self._fault = None
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            return result

        return super()._run(faulty)


def call_aws(functions: Crossing, operation: str, call: Callable[[], Result]) -> Result:
    """A call of AWS as a boundary."""

    def action(fault: Fault | None) -> Result:
        error = ClientError({"Error": {"Code": "InternalServerError", "Message": str(fault)}}, operation)
        if fault is Fault.REFUSED:
            raise error
        result = call()
        if fault is Fault.UNANSWERED:
            raise error
        return result

    return functions.cross("aws", operation, action)
