"""Forty parallel steps on the whole stack: all of them run, and there are connections for all."""

from __future__ import annotations

from collections import Counter

import psycopg

from local.postgres import SETTINGS
from local.runtime import MAX_ENVIRONMENTS
from local.stack import Stack
from tests.integration.fake_agent import FakeAgent, OverlapCounter
from tests.integration.stack_client import Run, StackClient, statuses, step


def connections_by_login(stack: Stack) -> Counter[str]:
    with psycopg.connect(stack.database_url) as connection:
        counts = connection.execute(
            "select usename, count(*) from pg_stat_activity"
            " where datname = current_database() and usename like 'baton%' group by usename"
        )
        return Counter(dict(counts.fetchall()))


def run(stack: Stack, agent: FakeAgent, counter: OverlapCounter, steps: int, **orchestration: object) -> Run:
    """A run with this many parallel steps, and one step that waits for all of them."""
    side_by_side = [f"s{number}" for number in range(steps)]
    for step_id in side_by_side:
        agent.behave(step_id, counter)
    client = StackClient(stack, agent.url)
    client.publish(*(step(step_id) for step_id in side_by_side), step("end", *side_by_side), **orchestration)
    run_id = client.launch()
    for step_id in side_by_side:
        agent.wait_for_calls(step_id)
    return client.wait_for_end(run_id)


def test_forty_steps_use_one_connection_for_each_environment(stack: Stack, agent: FakeAgent) -> None:
    most_connections = Counter[str]()

    def count_connections() -> None:
        nonlocal most_connections
        most_connections |= connections_by_login(stack)

    counter = OverlapCounter(wanted=MAX_ENVIRONMENTS, at_each_call=count_connections)
    assert set(statuses(run(stack, agent, counter, steps=40)).values()) == {"completed"}
    assert counter.most == MAX_ENVIRONMENTS  # of the one function; further calls waited
    assert most_connections["baton_step"] == MAX_ENVIRONMENTS
    assert max(most_connections.values()) <= MAX_ENVIRONMENTS


def test_the_definition_limits_how_many_steps_run_at_once(stack: Stack, agent: FakeAgent) -> None:
    counter = OverlapCounter(wanted=4)
    result = run(stack, agent, counter, steps=16, execution={"concurrency": {"maxParallel": 4}})
    assert set(statuses(result).values()) == {"completed"}
    assert counter.most == 4


def test_the_database_has_a_connection_for_every_possible_environment(stack: Stack) -> None:
    with psycopg.connect(stack.database_url) as connection:
        logins = connection.execute("select count(*) from pg_roles where rolcanlogin and rolname like 'baton%'")
        [(number,)] = logins.fetchall()
    spare = 20  # for the stack's own connections and those of users
    assert number * MAX_ENVIRONMENTS + spare <= int(SETTINGS["max_connections"])
