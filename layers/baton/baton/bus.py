"""EventBridge: events of runs for subscribers.

Source ``baton``, detail type = event type, detail = the envelope that the record wrote (``version, id, type,
sequence, time, organization, runId, orchestration, data``). A subscriber may get an event twice; its ``id`` tells.
Of an event that is too large for the bus only the small members of ``data`` are sent, and ``dataOmitted`` says so: the
record has all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baton import exact_json
from baton.outbox import Effect

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "baton"
_ENTRIES_A_CALL = 10  # what PutEvents takes
_LARGEST_DETAIL = 255 * 1024  # bytes; an entry takes 256 KiB, with its source and type
_SMALL = 256  # characters of JSON


class EventRefused(Exception):
    """EventBridge answered, but not for every event."""


class EventBus:
    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _client(self) -> EventBridgeClient:
        import boto3  # made on first use, as in ``engine``

        return boto3.client("events")

    def put(self, effects: Sequence[Effect]) -> None:
        """Puts the events on the bus, in order.

        Raises:
            EventRefused: at least one was not taken. All of them will be delivered again.
        """
        for start in range(0, len(effects), _ENTRIES_A_CALL):
            answer = self._client.put_events(
                Entries=[
                    {
                        "EventBusName": self._name,
                        "Source": SOURCE,
                        "DetailType": effect.payload["type"],
                        "Detail": _detail(effect.payload),
                        "Resources": [],
                    }
                    for effect in effects[start : start + _ENTRIES_A_CALL]
                ]
            )
            if answer["FailedEntryCount"]:
                refused = [entry for entry in answer["Entries"] if "ErrorCode" in entry]
                raise EventRefused(f"{len(refused)} events, the first: {refused[0]}")


def _detail(event: Mapping[str, Any]) -> str:
    """A larger one would never be taken, however often it is tried."""
    detail = exact_json.dumps(event)
    if len(detail.encode()) <= _LARGEST_DETAIL:
        return detail
    small = {name: value for name, value in event["data"].items() if len(exact_json.dumps(value)) <= _SMALL}
    return exact_json.dumps({**event, "data": small, "dataOmitted": True})
