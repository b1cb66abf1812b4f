"""A receiver of webhooks on this machine. It checks every signature with the library of Standard Webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.integration.http_server import QuietHandler, serving
from tests.integration.waiting import PATIENCE

Answer = Callable[["Received"], int]


@dataclass(frozen=True)
class Received:
    """``is_signed``: the signature fits the receiver's secret."""

    id: str
    headers: Mapping[str, str]
    body: bytes
    is_signed: bool

    @property
    def event(self) -> Any:
        return json.loads(self.body)


class WebhookReceiver:
    """Answers 204, or what ``answer`` says. ``secret`` is set once it is known."""

    def __init__(self) -> None:
        self.secret = ""
        self.answer: Answer = lambda request: 204
        self._received: list[Received] = []
        self._changed = threading.Condition()
        self._opened = ExitStack()
        self.url = f"{self._opened.enter_context(serving(self._handler()))}/hook"

    def events(self, **data: Any) -> list[Any]:
        """The events of requests with a good signature, without pings; those that have these members."""
        with self._changed:
            events = [request.event for request in self._received if request.is_signed]
        return [event for event in events if event["type"] != "baton.ping" and data.items() <= event.items()]

    def received(self) -> list[Received]:
        with self._changed:
            return list(self._received)

    def wait_for(self, condition: Callable[[list[Received]], object]) -> list[Received]:
        with self._changed:
            met = self._changed.wait_for(lambda: condition(self._received), timeout=PATIENCE)
            assert met, f"it did not come; there were {[(one.id, one.event['type']) for one in self._received]}"
            return list(self._received)

    def close(self) -> None:
        self._opened.close()

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        with suppress(WebhookVerificationError):
            Webhook(self.secret).verify(body.decode(), dict(headers))
            return True
        return False

    def _handler(self) -> type[QuietHandler]:
        receiver = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(headers["webhook-id"], headers, body, receiver._is_signed(headers, body))
                status = receiver.answer(request)
                with suppress(OSError):
                    self.send_answer(status)
                with receiver._changed:
                    receiver._received.append(request)
                    receiver._changed.notify_all()

        return Handler
