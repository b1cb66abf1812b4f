"""Calls whose answer is lost after the commit, and the changes of the repeated call."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import psycopg

from baton.store.database import Database

from .boundaries import Call
from .engine import EngineFixture

Record = dict[str, dict[str, dict[str, Any]]]
"""Table → primary key → row."""

TABLES = """
select c.oid::regclass::text as name, array_agg(a.attname::text) as key
from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('public', 'baton')
join pg_index i on i.indrelid = c.oid and i.indisprimary
join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
group by c.oid
"""


class AnswerLosingDatabase(Database):
    """Loses its connection each time that the named statement, or function, is committed, before the answer arrives."""

    def __init__(self, url: str, statement: str) -> None:
        super().__init__(url)
        self._statement = statement
        self._lose = False

    def pipeline(self, statements: Any) -> Any:
        self._lose = any(sql.startswith(f"-- {self._statement}\n") for sql, _ in statements)
        return super().pipeline(statements)

    def fetch_all(self, sql: str, params: Mapping[str, Any]) -> Any:
        self._lose = sql.startswith(f"select baton.{self._statement}(")
        return super().fetch_all(sql, params)

    def _run(self, work: Any) -> Any:
        def losing(connection: Any) -> Any:
            result = work(connection)
            if self._lose:
                self._lose = False
                raise psycopg.OperationalError("the connection was lost")
            return result

        return super()._run(losing)


class RepeatingDatabase(Database):
    """Loses the answer to each round trip once, after its commit, so that it is repeated.

    ``looks`` are the record before and after each repeat.
    """

    def __init__(self, url: str, look: Callable[[], Record]) -> None:
        super().__init__(url)
        self._look = look
        self.answers: list[Any] = []
        self.looks: list[tuple[Record, Record]] = []
        super()._run(lambda connection: connection.execute("select 1"))  # a new connection is not opened a second time

    def send(self, sql: str, params: Mapping[str, Any]) -> None:
        self.execute(sql, params)  # a statement without an answer has no end to wait for

    def _run(self, work: Callable[[psycopg.Connection[dict[str, Any]]], Any]) -> Any:
        committed: list[Record] = []

        def losing(connection: psycopg.Connection[dict[str, Any]]) -> Any:
            answer = work(connection)
            if not committed:
                self.answers.append(answer)
                committed.append(self._look())
                raise psycopg.OperationalError("the connection was lost")
            return answer

        try:
            return super()._run(losing)
        finally:
            self.looks += [(look, self._look()) for look in committed]


class ReplayingDatabase(Database):
    """Returns the lost answers, without a server."""

    def __init__(self, answers: list[Any]) -> None:
        super().__init__("")
        self._answers = iter(answers)

    def send(self, sql: str, params: Mapping[str, Any]) -> None:
        next(self._answers)

    def _run(self, work: Callable[[psycopg.Connection[dict[str, Any]]], Any]) -> Any:
        return next(self._answers)


def differences(engine: EngineFixture, url: str, call: Call) -> set[str]:
    """The differences if each round trip of a call is repeated because its answer was lost: in the answer, and in the
    record between the first commit and that of the repeated call (``changes``)."""
    before = look(engine)
    with closing(RepeatingDatabase(url, lambda: look(engine))) as database:
        repeated = answer_of(call, database)
    lost = answer_of(call, ReplayingDatabase(database.answers))
    assert database.looks, repeated
    assert changes(before, database.looks[-1][0]), "the first call changed nothing"
    found = {change for committed, after in database.looks for change in changes(committed, after)}
    return found | unlike(lost, repeated)


def answer_of(call: Call, database: Database) -> Any:
    """The answer of the call, or the error of the database."""
    try:
        return call(database)
    except psycopg.Error as error:
        return type(error)


def look(engine: EngineFixture) -> Record:
    """All rows of the record, as its owner sees them."""
    with engine.owner.transaction():
        engine.owner.execute("set local row_security = off")  # an error if a policy hides anything
        return {
            table["name"]: {
                "/".join(str(row["row"][column]) for column in table["key"]): row["row"]
                for row in engine.all(f"select to_jsonb(t) as row from {table['name']} t")
            }
            for table in engine.all(TABLES)
        }


def changes(left: Record, right: Record) -> set[str]:
    """``table +n`` for n more rows, ``table -n`` for n fewer rows, ``table.column`` for a changed value."""
    found = set()
    for table, rows in left.items():
        others = right[table]
        added, gone = others.keys() - rows.keys(), rows.keys() - others.keys()
        found |= {f"{table} +{len(added)}"} if added else set()
        found |= {f"{table} -{len(gone)}"} if gone else set()
        found |= {
            f"{table}.{column}"
            for key in rows.keys() & others.keys()
            for column, value in rows[key].items()
            if others[key][column] != value
        }
    return found


def unlike(lost: Any, repeated: Any, path: str = "answer") -> set[str]:
    """The differences of two answers: ``answer.outcome: taken → same``."""
    if lost == repeated:
        return set()
    if dataclasses.is_dataclass(lost) and type(lost) is type(repeated):
        names = [field.name for field in dataclasses.fields(lost)]
        return _unlike([(f"{path}.{name}", getattr(lost, name), getattr(repeated, name)) for name in names])
    if isinstance(lost, Mapping) and isinstance(repeated, Mapping) and lost.keys() == repeated.keys():
        return _unlike([(f"{path}[…]", lost[key], repeated[key]) for key in lost])
    if isinstance(lost, list | tuple) and isinstance(repeated, list | tuple):
        if len(lost) != len(repeated):
            return {f"{path}: {len(lost)} → {len(repeated)} of them"}
        return _unlike([(f"{path}[{place}]", lost[place], repeated[place]) for place in range(len(lost))])
    return {f"{path}: {_word(lost)} → {_word(repeated)}"}


def _unlike(pairs: list[tuple[str, Any, Any]]) -> set[str]:
    return {found for path, lost, repeated in pairs for found in unlike(lost, repeated, path)}


def _word(value: Any) -> str:
    """The value, if it is the same in every run of a test; otherwise its type."""
    if isinstance(value, type):
        return value.__name__
    if value is None or isinstance(value, bool | int) or (isinstance(value, str) and re.fullmatch("[a-z_]+", value)):
        return str(value)
    return type(value).__name__
