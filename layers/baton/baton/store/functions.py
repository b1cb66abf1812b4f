"""Calls of the record's functions (``supabase/schemas``). A call is one statement: one round trip, one transaction."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from baton.connection import Row
from baton.model import EffectKind, Refusal
from baton.outbox import Effect
from baton.store.database import Database

Answer = dict[str, Any]
Outcome = TypeVar("Outcome", bound=StrEnum)

_REFUSALS = {str(refusal): refusal for refusal in Refusal}


class Function:
    """A boundary of the record: its name in the database, and the SQL type of each argument, in the order of the
    database. Every boundary begins with two more arguments. ``boundary_id`` is the same if a call is repeated because
    its answer was lost. ``delivered`` are the effects to strike off. If a call raises an error, the next one strikes
    them off again.
    """

    def __init__(self, name: str, /, **arguments: str) -> None:
        self.name = name
        self.arguments = {"boundary_id": "uuid", "delivered": "uuid[]", **arguments}
        self.statement = _call(name, self.arguments)

    def __call__(self, database: Database, /, **arguments: Any) -> Answer | None:
        """The answer, a JSON object; None if the function answers null.

        Raises:
            StoreUnavailable: the database cannot be reached, or went away twice.
        """
        effect_ids = database.delivered.take()
        params = {"boundary_id": str(uuid.uuid4()), "delivered": effect_ids, **arguments}
        answer: Answer | None = None
        try:
            row = database.fetch_one(self.statement, params)
            assert row is not None  # a function always answers with one row
            answer = row["answer"]
        finally:
            if answer is None:  # an error, or a refusal before it struck anything off
                database.delivered.add(effect_ids)
        return answer

    def answer(self, database: Database, /, **arguments: Any) -> Answer:
        """The answer of a function that never answers null."""
        answer = self(database, **arguments)
        assert answer is not None
        return answer


class Query:
    """A function that reads for a caller what the login itself cannot read: its name in the database, and the SQL type
    of each argument in their order. It writes nothing, and its answer is JSON."""

    def __init__(self, name: str, /, **arguments: str) -> None:
        self.name = name
        self.arguments = arguments
        self.statement = _call(name, arguments)

    def __call__(self, database: Database, /, **arguments: Any) -> Any:
        """The answer.

        Raises:
            StoreUnavailable: the database cannot be reached, or went away twice.
        """
        row = database.fetch_one(self.statement, arguments)
        assert row is not None  # a function always answers with one row
        return row["answer"]


def _call(name: str, arguments: Mapping[str, str]) -> str:
    # By position: Postgres parses names with every call.
    values = ", ".join(f"%({argument})s::{type_}" for argument, type_ in arguments.items())
    return f"select baton.{name}({values}) as answer"


def row_of(answer: Mapping[str, Any]) -> Row:
    """An object of an answer as a row: the key ``createdAt`` becomes ``created_at``, and its value a datetime."""
    return datetimes({re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key): answer[key] for key in answer})


def datetimes(row: Mapping[str, Any]) -> Row:
    """A row that was JSON: the value of a column such as ``created_at`` becomes a datetime."""
    return {
        column: datetime.fromisoformat(value) if column.endswith("_at") and isinstance(value, str) else value
        for column, value in row.items()
    }


def outcome_of(answer: Mapping[str, Any], outcomes: type[Outcome]) -> Outcome | Refusal:
    """The outcome of a state machine's call: one of ``outcomes``, or a refusal.

    Raises:
        ValueError: this code does not know the word.
    """
    word = answer["outcome"]
    return _REFUSALS.get(word) or outcomes(word)


def effects_of(answer: Mapping[str, Any] | None) -> tuple[Effect, ...]:
    """The effects of a boundary, in the order of writing."""
    return tuple(
        Effect(
            id=effect["id"],
            run_id=effect["runId"],
            kind=EffectKind(effect["kind"]),
            payload=effect["payload"],
            wanted=effect.get("wanted", True),
            token=effect["token"],
            failures=effect.get("failures", 0),
        )
        for effect in (answer or {}).get("effects", ())
    )
