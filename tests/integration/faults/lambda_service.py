"""The Lambda service: the real handlers, in environments that serve one call at a time.

Every environment has its own connection, with the login of its function, and is thrown away when its function is
killed. Everything that functions call through boto3 goes to ``aws``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, Protocol

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters

from baton import bootstrap
from local.checkout import ROOT
from tests.integration.faults.asl import StateError
from tests.integration.faults.boundaries import Boundaries, FunctionKilled, WatchedDatabase
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
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
_CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000, aws_request_id="request")


class Aws(Protocol):
    def operate(self, service: str, operation: str, **parameters: Any) -> Any:
        """An operation of a boto3 client."""


@dataclass
class ExecutionEnvironment:
    """``entry`` is the handler of ``functions/<name>/app.py``; for the API, its use cases themselves."""

    entry: Any
    databases: list[WatchedDatabase]

    def close(self) -> None:
        for database in self.databases:
            database.close()


class FakeLambda:
    """``boundaries`` and ``aws`` are those of the play that is on."""

    aws: Aws

    def __init__(self, login_url: Callable[[str], str]) -> None:
        self.boundaries = Boundaries()
        self._login_url = login_url
        self._within = threading.local()
        self._idle: dict[str, list[ExecutionEnvironment]] = defaultdict(list)
        self._loading: tuple[str, list[WatchedDatabase]] = ("", [])

    def invoke(self, name: str, event: Any) -> Any:
        """What the handler answers, as JSON carries it. StateError: it raised, or was killed."""
        return self.use(name, lambda handler: handler(json.loads(json.dumps(event)), _CONTEXT))

    def use(self, name: str, work: Callable[[Any], Any]) -> Any:
        """``work`` on a free environment's entry."""
        environment = self._idle[name].pop() if self._idle[name] else self._load(name)
        caller, self._within.function = self.current(), name
        try:
            result = work(environment.entry)
        except FunctionKilled as death:
            environment.close()
            raise StateError("Runtime.ExitError", str(death)) from None
        except Exception as error:
            self._idle[name].append(environment)
            raise StateError(type(error).__name__, str(error)) from error
        finally:
            self._within.function = caller
        self._idle[name].append(environment)
        return result

    def current(self) -> str:
        """The function that this thread is in."""
        return getattr(self._within, "function", "")

    def close(self) -> None:
        for environments in self._idle.values():
            for environment in environments:
                environment.close()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """While it lasts, bootstrap wires functions of these tests."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in _SETTINGS.items():
                patch.setenv(name, value)
            patch.setenv("BATON_DATABASE_SECRET", "")
            patch.setattr(bootstrap, "Database", self._database)
            patch.setattr(parameters, "SecretsProvider", lambda: SimpleNamespace(get=self._login_url))
            patch.setattr(boto3, "client", lambda service, **_: _FakeBoto3Client(self, service))
            yield

    def _load(self, name: str) -> ExecutionEnvironment:
        os.environ["BATON_DATABASE_SECRET"] = name
        self._loading = name, []
        if name == "api":
            entry: Any = bootstrap.api_function()
        else:
            spec = importlib.util.spec_from_file_location(f"faults_{name}", ROOT / "functions" / name / "app.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            entry = module.handler
        return ExecutionEnvironment(entry, self._loading[1])

    def _database(self, url: str) -> WatchedDatabase:
        name, databases = self._loading
        databases.append(WatchedDatabase(url, name, self))
        return databases[-1]


class _FakeBoto3Client:
    """A boto3 client. Environments keep theirs from one play to the next."""

    exceptions = Exceptions

    def __init__(self, functions: FakeLambda, service: str) -> None:
        self._functions = functions
        self._service = service

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return partial(self._functions.aws.operate, self._service, operation)
