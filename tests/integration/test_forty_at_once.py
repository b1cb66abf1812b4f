"""Forty steps side by side, on the whole stack: all of them run, and there are connections for all."""

from __future__ import annotations

import threading
from collections import Counter

import psycopg

from local.postgres import SETTINGS
from local.runtime import MOST_ENVIRONMENTS
from local.stack import Stack
from tests.integration.waiting import PATIENCE
from tests.integration.workshop import Agent, Run, Task, Workshop, answer, statuses, step


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


def run(stack: Stack, agent: Agent, crowd: Crowd, steps: int, **orchestration: object) -> Run:
    """A run of so many steps side by side, and one that waits for all."""
    side_by_side = [f"s{number}" for number in range(steps)]
    for step_id in side_by_side:
        agent.behave(step_id, crowd.take)
    workshop = Workshop(stack, agent)
    workshop.publish(*(step(step_id) for step_id in side_by_side), step("end", *side_by_side), **orchestration)
    run_id = workshop.launch()
    for step_id in side_by_side:
        agent.is_called_for(step_id)
    return workshop.run_at_end(run_id)


def test_forty_steps_run_at_once_with_one_connection_an_environment(stack: Stack, agent: Agent) -> None:
    crowd = Crowd(stack, wanted=MOST_ENVIRONMENTS)
    assert set(statuses(run(stack, agent, crowd, steps=40)).values()) == {"completed"}
    assert crowd.most_at_work == MOST_ENVIRONMENTS  # of the one function; further calls waited
    assert crowd.connections["baton_step"] == MOST_ENVIRONMENTS
    assert max(crowd.connections.values()) <= MOST_ENVIRONMENTS


def test_of_many_steps_only_as_many_run_at_once_as_the_definition_allows(stack: Stack, agent: Agent) -> None:
    crowd = Crowd(stack, wanted=4)
    found = run(stack, agent, crowd, steps=16, execution={"concurrency": {"maxParallel": 4}})
    assert set(statuses(found).values()) == {"completed"}
    assert crowd.most_at_work == 4


def test_the_database_has_a_connection_for_every_environment_there_can_be(stack: Stack) -> None:
    with psycopg.connect(stack.database_url) as connection:
        logins = connection.execute("select count(*) from pg_roles where rolcanlogin and rolname like 'baton%'")
        [(number,)] = logins.fetchall()
    spare = 20  # the stack's own, and whoever looks
    assert number * MOST_ENVIRONMENTS + spare <= int(SETTINGS["max_connections"])
