"""The logins' passwords are rotated while the functions are at work, and no call fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import boto3
import psycopg

from cli.checkout import ROOT
from cli.database_urls import url_as
from cli.logins import new_passwords
from local.stack import STACK_NAME, Stack
from tests.integration.stack_client import ApiProblem, StackClient
from tests.integration.waiting import wait_until

ROTATIONS = 2
CALLS_BETWEEN = 3  # of each caller, after each rotation
DROP = "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'baton\\_%'"


class Load:
    """Callers in threads. Each repeats its call until the block ends, and records failures."""

    def __init__(self, callers: int) -> None:
        self.callers = callers
        self.calls: dict[int, int] = {}
        self.failures: list[Any] = []
        self.is_over = threading.Event()

    def keep(self, number: int, call: Callable[[], Any]) -> None:
        while not self.is_over.is_set():
            if failure := call():
                self.failures.append(failure)
            self.calls[number] = self.calls.get(number, 0) + 1

    def goes_on(self) -> None:
        """Waits until every caller has got ``CALLS_BETWEEN`` more answers."""
        before = dict(self.calls)
        wait_until(lambda: all(self.calls.get(n, 0) >= before.get(n, 0) + CALLS_BETWEEN for n in range(self.callers)))


@contextmanager
def load(*calls: Callable[[], Any]) -> Iterator[Load]:
    load = Load(len(calls))
    with ThreadPoolExecutor(len(calls)) as threads:
        for number, call in enumerate(calls):
            threads.submit(load.keep, number, call)
        try:
            yield load
        finally:
            load.is_over.set()


def rotate(stack: Stack) -> None:
    """Sets new passwords like ``baton db passwords``: first in the secrets, a moment later in the database."""
    secrets = boto3.client("secretsmanager")
    with psycopg.connect(stack.database_url) as connection:
        for login, password in new_passwords(connection).items():
            url = url_as(stack.database_url, f"baton_{login}", password)
            secrets.put_secret_value(SecretId=f"{STACK_NAME}/database/{login}", SecretString=url)
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute(DROP)  # so that every function has to log in anew


def test_no_call_fails_while_passwords_are_rotated_under_load(stack: Stack, client: StackClient) -> None:
    task = json.loads((ROOT / "functions" / "supabase_agent" / "event.json").read_text())

    def list_runs() -> Any:
        try:
            client.get("/orchestrations/runs")
        except ApiProblem as problem:
            return problem
        return None

    def relay() -> Any:
        answer = stack.invoke("relay", {})
        return answer.payload if answer.is_error else None

    def kpis() -> Any:
        answer = stack.invoke("supabase-agent", task)
        return None if json.loads(answer.payload).get("success") else answer.payload

    with load(list_runs, list_runs, list_runs, relay, kpis) as running:
        running.goes_on()
        for _ in range(ROTATIONS):
            rotate(stack)
            running.goes_on()
    assert running.failures == []
