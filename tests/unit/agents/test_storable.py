"""JSON that the record cannot store."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from baton import storable
from baton.agents.call import AgentDirectory
from baton.agents.contract import Deliverable, success
from baton.errors import AgentCallFailed


def nested_list(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": ["x", "nul \x00"]}, ("a", 1)),
        ({"a": {"half \ud83d": 1}}, ("a",)),
        ({"a": Decimal("1e5000")}, ("a",)),
        ({"a": float("inf")}, ("a",)),
    ],
)
def test_a_value_that_cannot_be_stored_is_reported_with_its_place(value: Any, path: Any) -> None:
    found = storable.problem(value)
    assert found is not None
    assert found[0] == path


def test_nesting_has_a_limit() -> None:
    assert storable.problem(nested_list(100)) is None
    assert storable.problem(nested_list(5000)) is not None


@pytest.mark.parametrize("value", [None, True, {"a": ["é", "😀", 1, Decimal("0.10"), 1.5]}, [], ""])
def test_every_other_value_can_be_stored(value: Any) -> None:
    assert storable.problem(value) is None


def test_an_agents_answer_that_cannot_be_stored_breaks_the_contract() -> None:
    answer = success(Deliverable("note", "text", "Title", "nul \x00"))
    directory = AgentDirectory({"http": lambda transport, task, deadline: answer})
    with pytest.raises(AgentCallFailed, match="cannot be stored") as raised:
        directory.call({"type": "http"}, {"agent": "a"}, 1)
    assert (raised.value.kind, raised.value.retryable, raised.value.answer) == ("AnswerInvalid", False, None)
