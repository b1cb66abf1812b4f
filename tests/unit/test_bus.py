"""Events as they are put on the bus."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from baton import exact_json
from baton.bus import EventBus
from baton.outbox import EVENT, Effect

_LARGEST_ENTRY = 256 * 1024  # bytes: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What EventBridge was given."""
    given: list[dict[str, Any]] = []

    def put_events(Entries: list[dict[str, Any]]) -> dict[str, Any]:
        given.extend(Entries)
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}

    monkeypatch.setattr(boto3, "client", lambda service: SimpleNamespace(put_events=put_events))
    return given


def event(**data: Any) -> dict[str, Any]:
    return {"version": 1, "id": "e", "type": "orchestration.run.created", "runId": "r", "data": data}


def put(payload: dict[str, Any]) -> None:
    EventBus("baton").put([Effect(id="e", run_id="r", kind=EVENT, payload=payload)])


def test_an_event_is_sent_as_the_record_wrote_it(entries: list[dict[str, Any]]) -> None:
    put(event(note="n" * 1000))
    assert exact_json.loads(entries[0]["Detail"]) == event(note="n" * 1000)


def test_an_event_that_is_too_large_is_sent_without_what_makes_it_so(entries: list[dict[str, Any]]) -> None:
    """It is large in bytes, if not in characters."""
    put(event(stepId="a", attemptNumber=2, note="\N{GREEK SMALL LETTER ALPHA}" * 140_000))
    [entry] = entries
    assert sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail")) < _LARGEST_ENTRY
    assert exact_json.loads(entry["Detail"]) == {**event(stepId="a", attemptNumber=2), "dataOmitted": True}
