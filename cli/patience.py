"""Asking again while a deployment does not answer: it is being restarted, or is asked too much."""

from __future__ import annotations

import http.client
import time
import urllib.request
from collections.abc import Callable
from http import HTTPStatus

from cli.deployment import Answer, Send

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 1.0
PASSING = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


def patient(
    send: Send,
    warn: Callable[[], None],
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Send:
    """Sends again, for up to a minute, what got no answer or one that will pass; only for what is safe to send twice.

    ``warn`` is called once for every time that the deployment goes away.
    """

    def send_patiently(request: urllib.request.Request) -> Answer:
        patience_ends = None
        while True:
            failure: Exception | None = None
            answer: Answer | None = None
            try:
                answer = send(request)
                if answer.status not in PASSING:
                    return answer
            except (OSError, http.client.HTTPException) as error:
                failure = error
            if patience_ends is None:
                patience_ends = clock() + PATIENCE_SECONDS
                warn()
            if clock() >= patience_ends:
                if answer is None:
                    raise failure or AssertionError
                return answer
            pause(PAUSE_SECONDS)

    return send_patiently
