"""Forty steps side by side, on the whole stack: all of them run, and there are connections for all."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from local.postgres import SETTINGS
from local.runtime import MOST_ENVIRONMENTS
from local.stack import Stack
from tests.integration.waiting import PATIENCE
from tests.integration.workshop import Agent, Run, Task, Workshop, answer, statuses, step

FORTY = [f"s{number}" for number in range(40)]


class Crowd:
    """Answers nobody until so many calls are at work; counts them, and the database's connections by login."""

    def __init__(self, stack: Stack, wanted: int) -> None:
        self.most_at_work, self.connections = 0, Counter[str]()
        self._stack, self._wanted, self._at_work = stack, wanted, 0
        self._changed, self._complete = threading.Condition(), threading.Event()

    def take(self, task: Task) -> dict[str, object]:
        with self._changed:
            self._at_work += 1
            self.most_at_work = max(self.most_at_work, self._at_work)
            self.connections |= self._count()
            if self._at_work >= self._wanted:
                self._complete.set()
        self._complete.wait(PATIENCE)
        with self._changed:
            self._at_work -= 1
        return answer(task)

    def _count(self) -> Counter[str]:
        with psycopg.connect(self._stack.database_url) as connection:
            counts = connection.execute(
                "select usename, count(*) from pg_stat_activity"
                " where datname = current_database() and usename like 'baton%' group by usename"
            )
            return Counter(dict(counts.fetchall()))


@pytest.fixture
def agent() -> Iterator[Agent]:
    with closing(Agent()) as agent:
        yield agent


def run_forty(stack: Stack, agent: Agent, crowd: Crowd, **orchestration: object) -> Run:
    for step_id in FORTY:
        agent.behave(step_id, crowd.take)
    workshop = Workshop(stack, agent)
    workshop.publish(*(step(step_id) for step_id in FORTY), step("end", *FORTY), **orchestration)
    return workshop.run_at_end(workshop.launch())


def test_forty_steps_run_at_once_with_one_connection_an_environment(stack: Stack, agent: Agent) -> None:
    crowd = Crowd(stack, wanted=MOST_ENVIRONMENTS)
    run = run_forty(stack, agent, crowd)
    assert set(statuses(run).values()) == {"completed"}
    assert crowd.most_at_work == MOST_ENVIRONMENTS  # of the one function; further calls waited
    assert crowd.connections["baton_step"] == MOST_ENVIRONMENTS
    assert max(crowd.connections.values()) <= MOST_ENVIRONMENTS


def test_of_forty_steps_only_as_many_run_at_once_as_the_definition_allows(stack: Stack, agent: Agent) -> None:
    crowd = Crowd(stack, wanted=8)
    run = run_forty(stack, agent, crowd, execution={"concurrency": {"maxParallel": 8}})
    assert set(statuses(run).values()) == {"completed"}
    assert crowd.most_at_work == 8


def test_the_database_has_a_connection_for_every_environment_there_can_be(stack: Stack) -> None:
    with psycopg.connect(stack.database_url) as connection:
        logins = connection.execute("select count(*) from pg_roles where rolcanlogin and rolname like 'baton%'")
        [(number,)] = logins.fetchall()
    spare = 20  # the stack's own, and whoever looks
    assert number * MOST_ENVIRONMENTS + spare <= int(SETTINGS["max_connections"])
