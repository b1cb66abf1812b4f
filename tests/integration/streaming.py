"""Clients of a run's stream: a library that reconnects automatically, and single connections."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import httpx
import httpx_sse
import requests
from requests_sse import EventSource, InvalidStatusCodeError

from tests.integration.http_client import HttpAnswer, send
from tests.integration.waiting import PATIENCE


class StreamAnswer(HttpAnswer):
    """The answer of one connection. ``events`` are the data of its messages."""

    @property
    def events(self) -> list[dict[str, Any]]:
        answer = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, text=self.text)
        return [json.loads(message.data) for message in httpx_sse.EventSource(answer).iter_sse() if message.data]

    @property
    def sequences(self) -> list[int]:
        return [event["sequence"] for event in self.events]

    @property
    def problem(self) -> Any:
        assert self.headers["Content-Type"] == "application/problem+json"
        return self.json()


def connect(url: str, token: str | None = None, last_id: int | None = None) -> StreamAnswer:
    headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
    return StreamAnswer(**vars(send(url, token, headers=headers)))


class Follower:
    """Follows a run in a thread, with a client library, to the end of the stream. The library reconnects automatically,
    after twice the time that the stream asks for."""

    def __init__(self, url: str, **options: Any) -> None:
        self.ids: list[int] = []
        self.types: list[str] = []
        self.status: int | None = None  # the HTTP status that ended the stream
        self._url, self._options = url, options
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        quick = timedelta(milliseconds=50)
        session = requests.Session()
        session.trust_env = False  # no proxy of this machine
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

    def follow_to_end(self, patience: float = 2 * PATIENCE) -> None:
        self._thread.join(patience)
        assert not self._thread.is_alive(), f"still following, with {self.ids}"
