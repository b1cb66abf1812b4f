"""Sending a request again while a deployment restarts, or is asked too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import httpx
import tenacity

Send = Callable[[], httpx.Response]

PAUSE_SECONDS = (0.5, 1.5)  # between two tries: at random between these, so that clients do not come back all at once
PASSING = frozenset({
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
})  # fmt: skip
HOPELESS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)  # the request itself is wrong


def _nobody_is_told() -> None: ...


@dataclass(frozen=True)
class Patience:
    """How long a request is sent again that got no answer, or one of ``PASSING``.

    ``seconds`` bounds the tries and the pauses between them; 0 sends once. ``on_absence`` is called before the first
    pause of a request.
    """

    seconds: float = 10.0
    on_absence: Callable[[], None] = _nobody_is_told

    def send(self, send: Send, sleep: Callable[[float], None]) -> httpx.Response:
        """The first answer that is not ``PASSING``, else the last answer; raises the last ``httpx.RequestError``.

        The caller makes sure that the request is safe to send twice.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass) | tenacity.retry_if_result(_is_passing),
            wait=_pause,
            stop=self._is_over,
            before_sleep=self._tell_once,
            retry_error_callback=_last,
            sleep=sleep,
        )
        return retrying(send)

    def _is_over(self, state: tenacity.RetryCallState) -> bool:
        """A pause that would end too late is not begun."""
        spent = max(state.idle_for, state.seconds_since_start or 0.0)
        return spent + state.upcoming_sleep > self.seconds

    def _tell_once(self, state: tenacity.RetryCallState) -> None:
        if state.attempt_number == 1:
            self.on_absence()


NONE = Patience(0)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, httpx.RequestError) and not isinstance(error, HOPELESS)


def _is_passing(answer: httpx.Response) -> bool:
    return answer.status_code in PASSING


def _pause(state: tenacity.RetryCallState) -> float:
    """As long as ``Retry-After`` says. A date there is not read: the API sends seconds."""
    outcome = state.outcome
    if outcome is not None and not outcome.failed:
        asked = outcome.result().headers.get("Retry-After", "")
        if asked.isascii() and asked.isdigit():
            return float(asked)
    return tenacity.wait_random(*PAUSE_SECONDS)(state)


def _last(state: tenacity.RetryCallState) -> httpx.Response:
    assert state.outcome is not None
    answer: httpx.Response = state.outcome.result()
    return answer
