"""Events of a run as ``text/event-stream`` (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from typing_extensions import TypedDict

from baton import exact_json
from baton.api.views.events import streamed_event
from baton.usecases.stream_run import StreamSlice

CONTENT_TYPE = "text/event-stream"
SOON_MILLISECONDS = 500  # until the client asks again, if the run is at work or there are events
LATER_MILLISECONDS = 5000  # until the client asks again, if the run waits for people only
MAX_BYTES = 4_000_000  # of the function's answer, in which the text is a string of JSON


class Message(TypedDict):
    """One server-sent event."""

    id: str
    event: str
    data: str


def text(part: StreamSlice) -> str:
    """The time to the next request, then each event: ``id`` is its sequence number, ``event`` its type, ``data`` its
    JSON.

    Events that do not fit come with the next answer: the client asks for those after the last id that it has.
    """
    return "".join(_blocks(part))


def _blocks(part: StreamSlice) -> Iterator[str]:
    soon = part.at_work or part.events
    yield f"retry: {SOON_MILLISECONDS if soon else LATER_MILLISECONDS}\n\n"
    size = 0
    for row in part.events:
        event = streamed_event(row)
        block = f"id: {event['sequence']}\nevent: {event['type']}\ndata: {exact_json.dumps(event)}\n\n"
        size += len(json.dumps(block))
        if size > MAX_BYTES and row is not part.events[0]:
            return
        yield block
