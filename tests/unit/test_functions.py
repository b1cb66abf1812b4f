"""Calls of the record's functions: the next successful call strikes off the delivered effects."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import StoreUnavailable
from baton.outbox import Delivered
from baton.store.functions import Function

ABORT = Function("abort_run", run_id="uuid")


class FakeDatabase:
    """Answers every statement with ``answer``, or raises it."""

    def __init__(self, answer: Any) -> None:
        self.delivered = Delivered()
        self.struck: list[str] = []
        self._answer = answer

    def fetch_one(self, sql: str, params: Any) -> dict[str, Any]:
        self.struck = params["delivered"]
        if isinstance(self._answer, Exception):
            raise self._answer
        return {"answer": self._answer}


def test_a_boundary_strikes_off_the_delivered_effects() -> None:
    database: Any = FakeDatabase({"effects": []})
    database.delivered.add(["effect"])
    assert ABORT(database, run_id="run") == {"effects": []}
    assert (database.struck, database.delivered.take()) == (["effect"], [])


@pytest.mark.parametrize("error", [StoreUnavailable("away"), ValueError("no such function")])
def test_delivered_effects_are_kept_if_a_boundary_fails(error: Exception) -> None:
    database: Any = FakeDatabase(error)
    database.delivered.add(["effect"])
    with pytest.raises(type(error)):
        ABORT(database, run_id="run")
    assert database.delivered.take() == ["effect"]


def test_delivered_effects_are_kept_if_a_boundary_answers_null() -> None:
    """Most functions that answer null refuse before they strike off effects."""
    database: Any = FakeDatabase(None)
    database.delivered.add(["effect"])
    assert ABORT(database, run_id="run") is None
    assert database.delivered.take() == ["effect"]
