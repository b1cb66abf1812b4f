"""Clients of a run's stream: one of other people's making that comes back by itself, and single connections."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from requests_sse import EventSource, InvalidStatusCodeError

from cli.event_stream import EventStream
from tests.integration.waiting import PATIENCE


@dataclass(frozen=True)
class Connection:
    """What one connection gave. ``events`` are the data of its messages."""

    status: int
    content_type: str
    text: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(message.data) for message in EventStream().read(self.text)]

    @property
    def sequences(self) -> list[int]:
        return [event["sequence"] for event in self.events]

    @property
    def problem(self) -> Any:
        assert self.content_type == "application/problem+json"
        return json.loads(self.text)


def connect(url: str, token: str | None = None, last_id: int | None = None) -> Connection:
    request = urllib.request.Request(url)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if last_id is not None:
        request.add_header("Last-Event-ID", str(last_id))
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return Connection(answer.status, answer.headers.get("Content-Type", ""), answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Connection(error.code, error.headers["Content-Type"], error.read().decode())


class Follower:
    """Follows in a thread, by a client library, until the library says that the stream is over. It comes back by itself
    after twice as long as it is told."""

    def __init__(self, url: str, **options: Any) -> None:
        self.ids: list[int] = []
        self.types: list[str] = []
        self.status: int | None = None  # that ended it
        self._url, self._options = url, options
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        quick = timedelta(milliseconds=50)
        session = requests.Session()
        session.trust_env = False  # no proxy of the machine's
        with EventSource(
            self._url, session=session, reconnection_time=quick, max_connect_retry=10, **self._options
        ) as source:
            try:
                for message in source:
                    self.ids.append(int(message.last_event_id))
                    self.types.append(message.type)
                    assert json.loads(message.data)["sequence"] == self.ids[-1]
            except InvalidStatusCodeError as error:
                self.status = error.status_code

    def to_the_end(self, patience: float = 2 * PATIENCE) -> None:
        self._thread.join(patience)
        assert not self._thread.is_alive(), f"still following, with {self.ids}"
