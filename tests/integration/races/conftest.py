"""Several instances of the use cases, each with its own connections, like execution environments."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any, TypeVar

import pytest

from baton.store.database import Database
from tests.integration.record.conftest import engine as engine  # the fixture that launches runs and reads the record
from tests.integration.record.engine import EngineFixture
from tests.integration.record.fakes import answer
from tests.integration.waiting import PATIENCE

Answer = TypeVar("Answer")
TwoEngines = tuple[EngineFixture, EngineFixture]

BRANCHES = """
    metadata: {name: branches, displayName: Branches, version: 1.0.0, description: two steps side by side}
    orchestration:
      error_handling: {on_step_failure: {retry_count: 0}}
      steps:
        - {id: left, name: Left, agent: summarizer}
        - {id: right, name: Right, agent: summarizer}
"""


def at_once(*calls: Callable[[], Answer]) -> list[Answer | Exception]:
    """Makes the calls at the same moment, each on its own thread. Returns the answer, or the error, of each."""
    barrier = threading.Barrier(len(calls))

    def go(call: Callable[[], Answer]) -> Answer | Exception:
        barrier.wait(PATIENCE)
        try:
            return call()
        except Exception as error:  # noqa: BLE001 (an error is also an answer)
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(go, calls))


def errors_of(answers: Sequence[object]) -> list[Exception]:
    return [answer for answer in answers if isinstance(answer, Exception)]


class BarrierAgents:
    """Agents whose calls wait at a barrier, so that all get their answers at once."""

    def __init__(self, barrier: threading.Barrier) -> None:
        self.barrier = barrier

    def call(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Mapping[str, Any]:
        self.barrier.wait(PATIENCE)
        return answer()


@pytest.fixture
def two_engines(login_url: Callable[[str], str], database_url: str) -> Iterator[TwoEngines]:
    """Two execution environments whose agents answer at the same moment."""
    agents = BarrierAgents(threading.Barrier(2))
    with ExitStack() as opened:
        one, other = (opened.enter_context(closing(EngineFixture(login_url, database_url, agents))) for _ in range(2))
        yield one, other


@pytest.fixture
def connect(login_url: Callable[[str], str]) -> Iterator[Callable[[str], Database]]:
    """Opens a login's connection and uses it once, so that no call of ``at_once`` is late."""
    with ExitStack() as opened:

        def open_connection(login: str) -> Database:
            database = opened.enter_context(closing(Database(login_url(login))))
            database.fetch_one("select 1", {})
            return database

        yield open_connection
