"""A request with many errors: the answer has twenty short problems, and only for members."""

from __future__ import annotations

import difflib
import json
from typing import Any

import pytest

from baton.errors import MAX_PROBLEMS
from tests.unit.api.client import Client
from tests.unit.api.fakes import FakeFunction

LAUNCH = {"organization": "demo", "orchestration": {"name": "kpi-tracking"}}
RUNS = "/orchestrations/runs"


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words for which the code looked for a suggestion."""
    words: list[str] = []
    original = difflib.get_close_matches

    def get_close_matches(word: str, *args: Any, **more: Any) -> list[str]:
        words.append(word)
        return original(word, *args, **more)

    monkeypatch.setattr(difflib, "get_close_matches", get_close_matches)
    return words


@pytest.mark.parametrize("count", [MAX_PROBLEMS, MAX_PROBLEMS + 1, 20_000])
def test_validation_stops_at_twenty_unknown_fields(client: Client, compared: list[str], count: int) -> None:
    answer = client.ask("POST", RUNS, {**LAUNCH, **{f"organisation{at}": at for at in range(count)}})
    assert answer.status == 422
    assert len(answer.body["errors"]) == MAX_PROBLEMS
    assert ("there is more" in answer.body["detail"]) == (count > MAX_PROBLEMS)
    assert len(compared) <= MAX_PROBLEMS + 1
    assert len(json.dumps(answer.body)) < 20_000


def test_the_problems_of_long_values_are_short(client: Client) -> None:
    answer = client.ask("POST", RUNS, {**LAUNCH, "x" * 300_000: 1, "skipOptionalCheckpoints": "y" * 300_000})
    assert answer.status == 422
    assert len(json.dumps(answer.body)) < 10_000


@pytest.mark.parametrize("body", [{**LAUNCH, "organization": "other", "x": 1}, {"organization": "other"}])
def test_a_stranger_learns_nothing_of_a_body(client: Client, body: Any) -> None:
    answer = client.ask("POST", RUNS, body)
    assert (answer.status, answer.body["type"]) == (404, "urn:problem-type:baton:not-found")
    assert "there is no organisation other" in answer.body["detail"].lower()


def test_a_stranger_learns_nothing_of_a_body_whose_path_names_the_organisation(
    client: Client, function: FakeFunction
) -> None:
    for own, status in (["demo"], 422), (["elsewhere"], 404):
        function.reads.memberships = own
        answer = client.ask("POST", "/agent-to-agent/demo/metrics-orchestrator/tasks", {"mode": "build", "x": 1})
        assert answer.status == status
