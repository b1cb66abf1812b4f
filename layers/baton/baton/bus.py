"""EventBridge: events of runs for subscribers.

Source ``baton``, detail type = event type, detail = the envelope that the record wrote (``docs/events``). A subscriber
may get an event twice, with the same ``id``. The record keeps events so short that ten fit in one call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baton import exact_json
from baton.clients import MAKING, SHORT_CALLS
from baton.outbox import Effect

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "baton"
_ENTRIES_A_CALL = 10  # what PutEvents takes


class EventRefused(Exception):
    """EventBridge refused at least one event of a call."""


class EventBus:
    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _client(self) -> EventBridgeClient:
        import boto3  # made on first use, as in ``engine``
        from botocore.config import Config

        with MAKING:
            return boto3.client("events", config=Config(**SHORT_CALLS))

    def put(self, effects: Sequence[Effect]) -> None:
        """Puts the events on the bus, in order.

        Raises:
            EventRefused: EventBridge refused at least one. The outbox will deliver all of them again.
        """
        self.put_events([effect.payload for effect in effects])

    def put_events(self, events: Sequence[Mapping[str, Any]]) -> None:
        """The same for events that are no effects of the outbox."""
        for start in range(0, len(events), _ENTRIES_A_CALL):
            answer = self._client.put_events(
                Entries=[
                    {
                        "EventBusName": self._name,
                        "Source": SOURCE,
                        "DetailType": event["type"],
                        "Detail": exact_json.dumps(event),
                        "Resources": [],
                    }
                    for event in events[start : start + _ENTRIES_A_CALL]
                ]
            )
            if answer["FailedEntryCount"]:
                refused = [entry for entry in answer["Entries"] if "ErrorCode" in entry]
                raise EventRefused(f"{len(refused)} events, the first: {refused[0]}")
