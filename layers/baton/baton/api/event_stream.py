"""A part of a run's life as ``text/event-stream`` (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from typing_extensions import TypedDict

from baton import exact_json
from baton.api.views.events import event as view
from baton.usecases.stream_run import StreamSlice

CONTENT_TYPE = "text/event-stream"
SOON_MILLISECONDS = 500  # until the client asks again, while something is at work or the run has ended just now
LATER_MILLISECONDS = 5000  # … while only people are awaited
MAX_BYTES = 5 * 1024 * 1024  # bytes of the function's answer, in which the text is a string of JSON; Lambda takes 6 MB


class Message(TypedDict):
    """One server-sent event; for the document alone."""

    id: str
    event: str
    data: str


def text(part: StreamSlice) -> str:
    """When to ask again, then each event: its sequence number as ``id``, its type as ``event``, itself as ``data``.

    What does not fit is left to the next answer: a client asks for what comes after the last id that it got.
    """
    return "".join(_blocks(part))


def _blocks(part: StreamSlice) -> Iterator[str]:
    soon = part.at_work or part.events
    yield f"retry: {SOON_MILLISECONDS if soon else LATER_MILLISECONDS}\n\n"
    size = 0
    for row in part.events:
        event = view(row)
        block = f"id: {event['sequence']}\nevent: {event['type']}\ndata: {exact_json.dumps(event)}\n\n"
        size += len(json.dumps(block))
        if size > MAX_BYTES and row is not part.events[0]:
            return
        yield block
