"""One request to a webhook, behind the address guard of agents.

It follows no redirect. One deadline covers look-up, connection, request and the whole answer, however slowly each of
them drips.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

from baton import storable
from baton.agents.address_guard import AddressGuard, Endpoint
from baton.agents.http_connection import connect, host_header
from baton.agents.http_exchange import BrokenAnswer, Deadline, Response, exchange
from baton.errors import AddressRefused
from baton.model import AttemptResult
from baton.ports.webhooks import WebhookAnswer

MAX_SECONDS = 15.0  # of a request, with its whole answer
MAX_READ_BYTES = 16 * 1024  # of an answer's head, and of its body
MAX_KEPT = 1024  # bytes of an answer, and characters of an error
_GONE = 410


@dataclass(frozen=True)
class WebhookPost:
    """Implements ``ports.webhooks.PostWebhook``. ``trust`` makes the TLS context."""

    guard: AddressGuard
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    clock: Callable[[], float] = time.monotonic
    seconds: float = MAX_SECONDS

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        """Posts JSON. An answer with a status of 200 to 299 is a delivery, everything else a failure."""
        begun = self.clock()
        try:
            response = self._exchange(self.guard.check(url), headers, body, Deadline(begun + self.seconds, self.clock))
        except AddressRefused as error:
            return self._failure(f"AddressRefused: the URL {error}", begun)
        except TimeoutError:
            return self._failure(f"TimedOut: no whole answer within {self.seconds:g} s", begun)
        except (OSError, BrokenAnswer) as error:
            return self._failure(f"Unreachable: {error}", begun)
        return _judged(response, self._milliseconds(begun))

    def _exchange(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes, deadline: Deadline) -> Response:
        addresses = self.guard.resolve(endpoint, deadline.left())
        with closing(connect(endpoint, addresses, deadline, lambda: self._tls)) as connected:
            sent = {
                "Host": host_header(endpoint),
                "Content-Type": "application/json",
                "Accept-Encoding": "identity",
                "Connection": "close",
                "User-Agent": "baton",
                **headers,
            }
            return exchange(connected, deadline, endpoint.target, sent, body, MAX_READ_BYTES, MAX_READ_BYTES)

    def _failure(self, error: str, begun: float) -> WebhookAnswer:
        return WebhookAnswer(AttemptResult.FAILED, error=_kept(error), milliseconds=self._milliseconds(begun))

    def _milliseconds(self, begun: float) -> int:
        return round((self.clock() - begun) * 1000)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self.trust()


def _judged(response: Response, milliseconds: int) -> WebhookAnswer:
    status = response.status
    result, error = AttemptResult.FAILED, f"answered {status}"
    if 200 <= status < 300:
        result, error = AttemptResult.DELIVERED, ""
    elif status == _GONE:
        result = AttemptResult.GONE
    elif 300 <= status < 400:
        error = f"answered {status}: redirects are not followed"
    body = _kept(response.body[:MAX_KEPT].decode("utf-8", "replace"))
    return WebhookAnswer(result, status, response.headers, body, error or None, milliseconds)


def _kept(text: str) -> str:
    """The beginning of the text, as the record can store it."""
    return storable.cleaned(text[:MAX_KEPT])
