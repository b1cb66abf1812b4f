"""A deployment that goes away for a while."""

from __future__ import annotations

import http.client
import urllib.request
from collections.abc import Sequence

import pytest

from cli.deployment import Answer
from cli.patience import PATIENCE_SECONDS, patient

OK = Answer(200, "application/json", "{}")
BUSY = Answer(503, "application/json", '{"message": "Service Unavailable"}')
REFUSED = Answer(404, "application/problem+json", "{}")
REQUEST = urllib.request.Request("http://api.test/")


class FakeDeployment:
    """Gives one answer after the other, and then always the last; time passes only by ``pause``."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self._answers: Sequence[Answer | Exception] = answers
        self.now = 0.0
        self.asked = self.warned = 0

    def send(self, _: urllib.request.Request) -> Answer:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def warn(self) -> None:
        self.warned += 1

    def ask(self) -> Answer:
        return patient(self.send, self.warn, self.pause, lambda: self.now)(REQUEST)


@pytest.mark.parametrize("failure", [ConnectionRefusedError(), http.client.IncompleteRead(b""), TimeoutError(), BUSY])
def test_what_gets_no_answer_is_asked_again_and_said_once(failure: Exception | Answer) -> None:
    deployment = FakeDeployment(failure, failure, OK)
    assert deployment.ask() == OK
    assert (deployment.asked, deployment.warned) == (3, 1)


def test_a_refusal_is_an_answer() -> None:
    deployment = FakeDeployment(REFUSED)
    assert deployment.ask() == REFUSED
    assert (deployment.asked, deployment.warned) == (1, 0)


def test_patience_ends() -> None:
    deployment = FakeDeployment(ConnectionRefusedError())
    with pytest.raises(ConnectionRefusedError):
        deployment.ask()
    assert deployment.now == PATIENCE_SECONDS


def test_the_last_answer_is_told_when_patience_ends() -> None:
    assert FakeDeployment(ConnectionRefusedError(), BUSY).ask() == BUSY
