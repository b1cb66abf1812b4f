"""The Lambda service: the real handlers, in environments that serve one call at a time.

Every environment has its own connection, with the login of its function, and is discarded when its function is killed.
All boto3 calls of functions go to ``aws``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any, Protocol

import boto3
import pytest

from baton import adapters, bootstrap
from baton.api.functions import ApiFunction
from baton.delivery import Task
from cli.checkout import ROOT
from tests.integration.faults import fibers
from tests.integration.faults.asl import StateError
from tests.integration.faults.boundaries import Boundaries, Fault, FunctionKilled, Result, WatchedDatabase
from tests.integration.faults.step_functions import Exceptions

MACHINES = "arn:aws:states:us-east-1:123456789012:stateMachine:baton-"
APPROVAL = "baton-approval"
_SETTINGS = {
    "BATON_ENGINE_ID": "engine-of-the-faults",
    "BATON_EVENT_BUS": "baton",
    "BATON_REVIEW_URL": "https://reviews.example.com",
    "BATON_STATE_MACHINE_PREFIX": MACHINES,
    "BATON_APPROVAL_FUNCTION": APPROVAL,
    "BATON_AGENT_FUNCTION_PREFIX": "baton-",
    "BATON_AUTH_ISSUER": "https://issuer.example/auth/v1",
    "BATON_AUTH_AUDIENCE": "authenticated",
    "BATON_FUNCTION_PREFIX": "arn:aws:lambda:us-east-1:123456789012:function:baton-",
    "BATON_MACHINE_ROLE": "arn:aws:iam::123456789012:role/baton-machines",
    "BATON_MACHINE_LOGS": "arn:aws:logs:us-east-1:123456789012:log-group:baton-machines",
    "BATON_STACK": "baton",
    "BATON_WEBHOOK_SECRET": "baton/webhooks/key",
    "BATON_WEBHOOK_QUEUE": "https://sqs.us-east-1.amazonaws.com/123456789012/baton-webhook-deliveries",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
_CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000, aws_request_id="request")


class Aws(Protocol):
    def operate(self, service: str, operation: str, **parameters: Any) -> Any:
        """An operation of a boto3 client."""


@dataclass
class ExecutionEnvironment:
    """``entry`` is the handler of ``functions/<name>/app.py``; for the API, its use cases themselves. All its threads
    end as soon as one of them is killed."""

    function: str
    entry: Any = None
    databases: list[WatchedDatabase] = field(default_factory=list)
    is_dead: bool = False

    def close(self) -> None:
        for database in self.databases:
            database.close()


class FakeLambda:
    """``boundaries``, ``aws`` and ``spawn``, which begins a fiber, belong to the current play."""

    aws: Aws
    spawn: Callable[[Callable[[], Any]], Any]

    def __init__(self, login_url: Callable[[str], str]) -> None:
        self.boundaries = Boundaries()
        self.is_database_away: Callable[[], bool] = lambda: False
        self._login_url = login_url
        self._within = threading.local()
        self._idle: dict[str, list[ExecutionEnvironment]] = defaultdict(list)
        self._loading = ExecutionEnvironment("")

    def invoke(self, name: str, event: Any) -> Any:
        """The handler's answer as JSON. Raises StateError if it raised or was killed."""
        return self.use(name, lambda handler: handler(json.loads(json.dumps(event)), _CONTEXT))

    def use(self, name: str, work: Callable[[Any], Any]) -> Any:
        """Calls ``work`` with the entry of a free environment."""
        environment = self._idle[name].pop() if self._idle[name] else self._load(name)
        try:
            with self.within(environment):
                result = _delivering(environment.entry, work)
        except FunctionKilled as death:
            environment.close()
            raise StateError("Runtime.ExitError", str(death)) from None
        except Exception as error:
            self._idle[name].append(environment)
            raise StateError(type(error).__name__, str(error)) from error
        self._idle[name].append(environment)
        return result

    @contextmanager
    def within(self, environment: ExecutionEnvironment) -> Iterator[None]:
        """In this block, the thread acts as the function of that environment."""
        before, self._within.environment = self._current(), environment
        try:
            yield
        finally:
            self._within.environment = before

    def cross(self, kind: str, what: str, action: Callable[[Fault | None], Result]) -> Result:
        """Crosses a boundary as the function of this thread."""
        environment = self._current()
        try:
            return self.boundaries.cross(kind, environment.function, what, action, self.check_alive)
        except FunctionKilled:
            environment.is_dead = True
            raise

    def check_alive(self) -> None:
        """Raises FunctionKilled if another thread of this thread's environment was killed."""
        if self._current().is_dead:
            raise FunctionKilled("with another thread of its environment")

    def _current(self) -> ExecutionEnvironment:
        return getattr(self._within, "environment", _NOWHERE)

    def close(self) -> None:
        for environments in self._idle.values():
            for environment in environments:
                environment.close()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """In this block, bootstrap wires the functions of these tests."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in _SETTINGS.items():
                patch.setenv(name, value)
            patch.setenv("BATON_DATABASE_SECRET", "")
            patch.setattr(adapters, "Database", self._database)
            patch.setattr(adapters, "DeliveryThread", lambda: DeliveryFiber(self, self._loading))
            patch.setattr(adapters, "Secrets", lambda: SimpleNamespace(login=self._login_url))
            patch.setattr(boto3, "client", lambda service, **_: _FakeBoto3Client(self, service))
            yield

    def _load(self, name: str) -> ExecutionEnvironment:
        os.environ["BATON_DATABASE_SECRET"] = name
        environment = self._loading = ExecutionEnvironment(name)
        if name == "api":
            environment.entry = bootstrap.api_function()
        else:
            spec = importlib.util.spec_from_file_location(f"faults_{name}", ROOT / "functions" / name / "app.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            environment.entry = module.handler
        return environment

    def _database(self, url: str) -> WatchedDatabase:
        self._loading.databases.append(WatchedDatabase(url, self))
        return self._loading.databases[-1]


_NOWHERE = ExecutionEnvironment("")


def _delivering(entry: Any, work: Callable[[Any], Any]) -> Any:
    """``work`` on the entry. A handler delivers what it ordered before it returns; the API's use cases do so here."""
    if not isinstance(entry, ApiFunction):
        return work(entry)
    return entry.outbox.delivers(lambda event, context: work(entry))(None, _CONTEXT)


class DeliveryFiber:
    """Replaces ``delivery.DeliveryThread``: the scheduler chooses when it runs."""

    def __init__(self, functions: FakeLambda, environment: ExecutionEnvironment) -> None:
        self._functions = functions
        self._environment = environment
        self._tasks: deque[Task] = deque()
        self._is_at_work = False

    def submit(self, task: Task) -> None:
        self._tasks.append(task)
        if not self._is_at_work:
            self._is_at_work = True
            self._functions.spawn(self._run_tasks)

    def join(self, seconds: float) -> bool:
        while self._is_at_work:
            fibers.pause()
            self._functions.check_alive()
        return True

    def _run_tasks(self) -> None:
        with self._functions.within(self._environment), suppress(FunctionKilled):
            while self._tasks:
                self._tasks.popleft()()
        self._is_at_work = False


class _FakeBoto3Client:
    """A boto3 client. Environments keep theirs from one play to the next."""

    exceptions = Exceptions

    def __init__(self, functions: FakeLambda, service: str) -> None:
        self._functions = functions
        self._service = service

    def get_paginator(self, operation_name: str) -> Any:
        return self._functions.aws.operate(self._service, "get_paginator", operation_name=operation_name)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return partial(self._functions.aws.operate, self._service, operation)
