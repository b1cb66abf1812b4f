"""Sending events to EventBridge."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from baton import exact_json
from baton.bus import EventBus, EventRefused
from baton.model import EffectKind
from baton.outbox import Effect

REFUSED = "orchestration.run.failed"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, Any]]]:
    """The entries of each call of EventBridge."""
    entries_of_calls: list[list[dict[str, Any]]] = []

    def put_events(Entries: list[dict[str, Any]]) -> dict[str, Any]:
        entries_of_calls.append(Entries)
        refused = [one for one in Entries if one["DetailType"] == REFUSED]
        results = [{"ErrorCode": "ThrottlingException"} if one in refused else {"EventId": "1"} for one in Entries]
        return {"FailedEntryCount": len(refused), "Entries": results}

    monkeypatch.setattr(boto3, "client", lambda service, config: SimpleNamespace(put_events=put_events))
    return entries_of_calls


def event(**data: Any) -> dict[str, Any]:
    return {"version": 1, "id": "e", "type": "orchestration.run.created", "data": data}


def put(*payloads: dict[str, Any]) -> None:
    EventBus("baton").put([Effect(id="e", run_id="r", kind=EffectKind.EVENT, payload=payload) for payload in payloads])


def test_an_event_is_sent_as_the_record_wrote_it(calls: list[list[dict[str, Any]]]) -> None:
    put(event(note="fine"))
    [[entry]] = calls
    assert (entry["Source"], entry["DetailType"]) == ("baton", "orchestration.run.created")
    assert exact_json.loads(entry["Detail"]) == event(note="fine")


def test_one_call_sends_at_most_ten_events(calls: list[list[dict[str, Any]]]) -> None:
    put(*[event()] * 23)
    assert [len(entries) for entries in calls] == [10, 10, 3]


def test_large_events_have_calls_of_their_own(calls: list[list[dict[str, Any]]]) -> None:
    sizes = [10, 150_000, 100_000, 90_000, 300_000, 10, 10]
    put(*(event(note="x" * size) for size in sizes))
    sent = [[len(exact_json.loads(entry["Detail"])["data"]["note"]) for entry in entries] for entries in calls]
    assert sent == [[10, 150_000], [100_000, 90_000], [300_000], [10, 10]]


@pytest.mark.usefixtures("calls")
def test_an_event_that_eventbridge_refuses_is_an_error() -> None:
    with pytest.raises(EventRefused, match=r"1 events, the first: .*ThrottlingException"):
        put(event(), {**event(), "type": REFUSED})
