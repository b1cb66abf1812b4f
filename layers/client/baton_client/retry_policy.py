"""When and how long requests are repeated, while a deployment restarts or is overloaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import httpx
import tenacity

Send = Callable[[], httpx.Response]

PAUSE_SECONDS = (0.5, 1.5)  # random between these, so that clients do not return all at once
TRANSIENT_STATUSES = frozenset({
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
})  # fmt: skip
PERMANENT_ERRORS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)  # the request itself is wrong


def _do_nothing() -> None: ...


@dataclass(frozen=True)
class RetryPolicy:
    """Repeats a request that gets no answer, or one of ``TRANSIENT_STATUSES``, for ``seconds``.

    After this time, no further try begins; with 0, the request is sent once. A try that has begun may go on: the
    client's ``timeout`` limits it. ``on_absence`` is called before the first pause of a request.
    """

    seconds: float = 10.0
    on_absence: Callable[[], None] = _do_nothing

    def send(self, send: Send, sleep: Callable[[float], None]) -> httpx.Response:
        """The first answer with another status than ``TRANSIENT_STATUSES``, else the last answer.

        The caller makes sure that the request is safe to send twice. Raises the last ``httpx.RequestError``.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_transient_error) | tenacity.retry_if_result(_has_transient_status),
            wait=_pause,
            stop=self._is_over,
            before_sleep=self._report_absence,
            retry_error_callback=_last_answer,
            sleep=sleep,
        )
        return retrying(send)

    def _is_over(self, state: tenacity.RetryCallState) -> bool:
        """Whether the next pause would end too late, so that it must not begin."""
        spent = max(state.idle_for, state.seconds_since_start or 0.0)
        return spent + state.upcoming_sleep > self.seconds

    def _report_absence(self, state: tenacity.RetryCallState) -> None:
        if state.attempt_number == 1:
            self.on_absence()


NO_RETRIES = RetryPolicy(0)


def _is_transient_error(error: BaseException) -> bool:
    return isinstance(error, httpx.RequestError) and not isinstance(error, PERMANENT_ERRORS)


def _has_transient_status(answer: httpx.Response) -> bool:
    return answer.status_code in TRANSIENT_STATUSES


def _pause(state: tenacity.RetryCallState) -> float:
    """The seconds of ``Retry-After``, else random. A date in it is ignored: the API sends seconds."""
    outcome = state.outcome
    if outcome is not None and not outcome.failed:
        retry_after = outcome.result().headers.get("Retry-After", "")
        if retry_after.isascii() and retry_after.isdigit():
            return float(retry_after)
    return tenacity.wait_random(*PAUSE_SECONDS)(state)


def _last_answer(state: tenacity.RetryCallState) -> httpx.Response:
    assert state.outcome is not None
    answer: httpx.Response = state.outcome.result()
    return answer
