"""Calls of the record's functions (``supabase/schemas``). A call is one statement: one round trip, one transaction."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from baton.connection import Row
from baton.outbox import Effect
from baton.store.database import Database

Answer = dict[str, Any]


class Function:
    """A boundary of the record: its name in the database, and the SQL type of each argument beside the two that every
    boundary has. This is the one place where arguments are named and cast.

    ``boundary_id`` tells a call that is repeated, because its answer was lost, from another one. What was delivered
    since the last boundary is struck off with this one; where it may not have been, the next one does so again.
    """

    def __init__(self, name: str, /, **arguments: str) -> None:
        self.name = name
        self.arguments = {"boundary_id": "uuid", "delivered": "uuid[]", **arguments}
        self.statement = _call(name, self.arguments)

    def __call__(self, database: Database, /, **arguments: Any) -> Answer | None:
        """The answer, a JSON object; None where the function answers with null.

        Raises:
            StoreUnavailable: the database cannot be reached, or went away twice.
        """
        struck = database.delivered.take()
        params = {"boundary_id": str(uuid.uuid4()), "delivered": struck, **arguments}
        answer: Answer | None = None
        try:
            row = database.fetch_one(self.statement, params)
            assert row is not None  # a function always answers with one row
            answer = row["answer"]
        finally:
            if answer is None:  # it raised, or refused before it struck anything off
                database.delivered.add(struck)
        return answer

    def answer(self, database: Database, /, **arguments: Any) -> Answer:
        """The same of a function that never answers with null."""
        answer = self(database, **arguments)
        assert answer is not None
        return answer


class Query:
    """A function that reads for a caller what its login may not see: its name in the database, and the SQL type of each
    argument. It is no boundary, and answers with JSON."""

    def __init__(self, name: str, /, **arguments: str) -> None:
        self.statement = _call(name, arguments)

    def __call__(self, database: Database, /, **arguments: Any) -> Any:
        """
        Raises:
            StoreUnavailable: the database cannot be reached, or went away twice.
        """
        row = database.fetch_one(self.statement, arguments)
        assert row is not None  # a function always answers with one row
        return row["answer"]


def _call(name: str, arguments: Mapping[str, str]) -> str:
    given = ", ".join(f"p_{argument} => %({argument})s::{type_}" for argument, type_ in arguments.items())
    return f"select baton.{name}({given}) as answer"


def row_of(answer: Mapping[str, Any]) -> Row:
    """An object of an answer as a row of a table: ``createdAt`` becomes ``created_at``, and an instant a datetime."""
    row = {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key): value for key, value in answer.items()}
    return {
        column: datetime.fromisoformat(value) if column.endswith("_at") and value is not None else value
        for column, value in row.items()
    }


def effects_of(answer: Mapping[str, Any] | None) -> tuple[Effect, ...]:
    """The effects that a boundary ordered, in the order of writing."""
    return tuple(
        Effect(
            id=effect["id"],
            run_id=effect["runId"],
            kind=effect["kind"],
            payload=effect["payload"],
            wanted=effect.get("wanted", True),
            token=effect["token"],
            failures=effect.get("failures", 0),
        )
        for effect in (answer or {}).get("effects", ())
    )
