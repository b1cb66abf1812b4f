"""EventBridge: events of runs for subscribers.

Source ``baton``, detail type = event type, detail = the envelope that the record wrote (``docs/events``). A subscriber
may get an event twice, with the same ``id``. The record keeps texts in events short, so each event fits in one entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baton import exact_json
from baton.clients import CREATION_LOCK, SHORT_CALLS
from baton.outbox import Effect

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "baton"
MAX_CALL_ENTRIES = 10  # the limit of PutEvents
MAX_CALL_BYTES = 200 * 1024  # of the details of one call; the limit of PutEvents is 256 KiB with the other fields


class EventRefused(Exception):
    """EventBridge refused at least one event of a call."""


class EventBus:
    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _client(self) -> EventBridgeClient:
        import boto3  # made on first use, as in ``engine``
        from botocore.config import Config

        with CREATION_LOCK:
            return boto3.client("events", config=Config(**SHORT_CALLS))

    def put(self, effects: Sequence[Effect]) -> None:
        """Puts the events on the bus, in order.

        Raises:
            EventRefused: EventBridge refused at least one. The outbox will deliver all of them again.
        """
        self.put_events([effect.payload for effect in effects])

    def put_events(self, events: Sequence[Mapping[str, Any]]) -> None:
        """The same for events that are no effects of the outbox."""
        for entries in _calls([self._entry(event) for event in events]):
            answer = self._client.put_events(Entries=entries)
            if answer["FailedEntryCount"]:
                refused = [entry for entry in answer["Entries"] if "ErrorCode" in entry]
                raise EventRefused(f"{len(refused)} events, the first: {refused[0]}")

    def _entry(self, event: Mapping[str, Any]) -> PutEventsRequestEntryTypeDef:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": event["type"],
            "Detail": exact_json.dumps(event),
            "Resources": [],
        }


def _calls(entries: Sequence[PutEventsRequestEntryTypeDef]) -> Iterator[list[PutEventsRequestEntryTypeDef]]:
    """The entries of each call, in order. An entry that is too large for a call with others has a call of its own."""
    call: list[PutEventsRequestEntryTypeDef] = []
    size = 0
    for entry in entries:
        own = len(entry["Detail"].encode())
        if call and (len(call) == MAX_CALL_ENTRIES or size + own > MAX_CALL_BYTES):
            yield call
            call, size = [], 0
        call.append(entry)
        size += own
    if call:
        yield call
