"""Server-sent events as their specification has them (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Message:
    """``last_id`` is the id to come back with once this message was read."""

    type: str
    data: str
    last_id: str


@dataclass
class EventStream:
    """What a client remembers from one connection to the next: the last id, and how long to wait before coming back."""

    last_id: str = ""
    retry_seconds: float = 3.0
    _data: list[str] = field(default_factory=list)
    _type: str = ""

    def read(self, text: str) -> Iterator[Message]:
        """The messages of one connection, from its beginning to wherever it was cut off: one without the empty line at
        its end is not whole, and dropped."""
        self._data, self._type, pending_id = [], "", self.last_id
        *lines, _ = _LINE_END.split(text.removeprefix("\ufeff"))  # what follows the last line end is no line
        for line in lines:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            match name:
                case "" if not line:
                    self.last_id = pending_id
                    yield from self._whole()
                case "event":
                    self._type = value
                case "data":
                    self._data.append(value)
                case "id" if "\0" not in value:
                    pending_id = value
                case "retry" if value.isascii() and value.isdigit():
                    self.retry_seconds = int(value) / 1000

    def _whole(self) -> Iterator[Message]:
        if self._data:
            yield Message(self._type or "message", "\n".join(self._data), self.last_id)
        self._data, self._type = [], ""
