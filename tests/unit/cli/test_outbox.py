"""`baton outbox`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli.conftest import RUN, Shell

OUTBOX = "/orchestrations/outbox"
FIRST, SECOND = "effec100-0000-4000-8000-000000000001", "effec100-0000-4000-8000-000000000002"


def an_effect(effect_id: str, failures: int) -> dict[str, Any]:
    return {
        "id": effect_id,
        "runId": RUN,
        "organization": "demo",
        "kind": "start",
        "failures": failures,
        "stuck": failures >= 5,
        "lastError": "ConnectionError: no answer",
        "nextTryAt": "2026-11-23T09:00:00Z",
        "createdAt": "2026-11-23T08:00:00Z",
    }


@pytest.fixture(autouse=True)
def two_effects(shell: Shell) -> None:
    shell.api.answers = {
        f"GET {OUTBOX}": [{"effects": [an_effect(FIRST, 7), an_effect(SECOND, 1)]}],
        f"POST {OUTBOX}/redrive": [{"redriven": 2}],
        f"POST {OUTBOX}/{FIRST}/redrive": [an_effect(FIRST, 7)],
        f"POST {OUTBOX}/{SECOND}/redrive": [an_effect(SECOND, 1)],
    }


def test_failed_effects_are_a_table_that_marks_stuck_ones(shell: Shell) -> None:
    assert shell.baton("outbox") == 0

    lines = [line.split("\t") for line in shell.out.splitlines()]
    assert lines[1] == [FIRST, RUN, "start", "7", "stuck", "2026-11-23T09:00:00Z", "ConnectionError: no answer"]
    assert lines[2][:5] == [SECOND, RUN, "start", "1", ""]
    assert shell.api.requests == [(f"GET {OUTBOX}", None)]


def test_the_list_has_filters(shell: Shell) -> None:
    assert shell.baton("outbox", "--org", "demo", "--failures", "5", "--limit", "10", "--json") == 0

    assert shell.api.requests == [(f"GET {OUTBOX}?organization=demo&failures=5&limit=10", None)]
    assert [effect["id"] for effect in json.loads(shell.out)] == [FIRST, SECOND]


def test_an_empty_outbox_says_so(shell: Shell) -> None:
    shell.api.answers[f"GET {OUTBOX}"] = [{"effects": []}]

    assert shell.baton("outbox") == 0
    assert shell.out == "No effect waits for another try.\n"


def test_each_named_effect_is_redriven(shell: Shell) -> None:
    assert shell.baton("outbox", "redrive", FIRST, SECOND) == 0

    requests = [request for request, _ in shell.api.requests]
    assert requests == [f"POST {OUTBOX}/{FIRST}/redrive", f"POST {OUTBOX}/{SECOND}/redrive"]
    assert len(shell.out.splitlines()) == 2


def test_all_are_redriven_in_one_request(shell: Shell) -> None:
    assert shell.baton("outbox", "redrive", "--all", "--org", "demo") == 0

    assert shell.api.requests == [(f"POST {OUTBOX}/redrive", {"organization": "demo"})]
    assert shell.out.startswith("2 ")


@pytest.mark.parametrize("words", [[], [FIRST, "--all"], [FIRST, "--org", "demo"]])
def test_redrive_needs_either_ids_or_all(shell: Shell, words: list[str]) -> None:
    assert shell.baton("outbox", "redrive", *words) == 1
    assert shell.api.requests == []


def test_json_has_one_answer_a_line(shell: Shell) -> None:
    assert shell.baton("outbox", "redrive", FIRST, SECOND, "--json") == 0
    assert [json.loads(line)["id"] for line in shell.out.splitlines()] == [FIRST, SECOND]
