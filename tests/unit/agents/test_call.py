"""What the engine makes of an agent's answer, whatever its transport."""

from __future__ import annotations

import traceback
from decimal import Decimal
from typing import Any

import pytest

from baton.agents.call import AgentDirectory
from baton.agents.contract import failure, success
from baton.budgets import MAX_TEXT_BYTES
from baton.errors import AgentCallFailed
from baton.model import TransportType


def failed_call(answer: Any) -> AgentCallFailed:
    directory = AgentDirectory({TransportType.HTTP: lambda transport, task, deadline: answer})
    with pytest.raises(AgentCallFailed) as raised:
        directory.call({"type": "http"}, {"agent": "a"}, 1)
    return raised.value


@pytest.mark.parametrize("exponent", [1000, -1000])
def test_an_answer_is_too_large_if_its_numbers_have_too_many_digits(exponent: int) -> None:
    error = failed_call(success(numbers=[Decimal(f"1E{exponent:+}")] * 7_000))
    assert (error.kind, error.retryable, error.answer) == ("AnswerTooLarge", False, None)
    assert "has 7,0" in str(error)


def test_a_long_reason_is_in_no_part_of_the_errors_traceback() -> None:
    error = failed_call(failure("no " * 1_000_000, retryable=False))
    assert len(str(error).encode()) <= MAX_TEXT_BYTES
    assert len("".join(traceback.format_exception(error))) < 2 * MAX_TEXT_BYTES
