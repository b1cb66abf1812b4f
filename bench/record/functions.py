"""The template's functions in this process: real handlers, wired by ``bootstrap``, each with its own login.

AWS is a stub that costs almost no CPU: secrets, the bus, Step Functions, and Lambda, which calls the approval
function's handler and answers immediately for the agent.
"""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from typing import Any
from unittest.mock import patch

from baton import adapters, bootstrap
from baton.api.functions import ApiFunction
from baton.store.database import Database
from bench.measuring import Stopwatch
from cli.checkout import ROOT
from local.environment import CREDENTIALS
from local.lambda_context import LambdaContext
from local.template import Function, read_template

STACK = "bench"
HANDLERS = ("step", "gate", "checkpoint", "approval")
Handler = Callable[[Any, Any], Any]


class Aws:
    """A stub of every boto3 client of the functions. ``answers`` are the agent's answers as JSON, in order.
    ``executions`` are the ARNs of started executions, by run."""

    def __init__(self) -> None:
        self.answers: Iterator[bytes] = cycle([b"{}"])
        self.executions: dict[str, str] = {}
        self.approval: Callable[[Any], Any] | None = None

    def client(self, *_: Any, **__: Any) -> Aws:
        return self

    def put_events(self, Entries: list[Any]) -> dict[str, Any]:
        return {"FailedEntryCount": 0, "Entries": Entries}

    def start_execution(self, stateMachineArn: str, name: str, **_: Any) -> dict[str, Any]:
        arn = f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"
        self.executions[name.rpartition("-")[0]] = arn
        return {"executionArn": arn}

    def send_task_success(self, **_: Any) -> dict[str, Any]:
        return {}

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:
        if FunctionName.endswith("approval") and self.approval is not None:
            return {"Payload": io.BytesIO(json.dumps(self.approval(json.loads(Payload))).encode())}
        return {"Payload": io.BytesIO(next(self.answers))}


class Functions:
    """``client`` counts the CPU of the functions, ``record`` that of their calls of the database."""

    def __init__(self, urls: Mapping[str, str], client: Stopwatch, record: Stopwatch) -> None:
        self.aws = Aws()
        self._client, self._record, self._urls = client, record, urls
        self._databases: list[Database] = []
        functions = {function.name.removeprefix(f"{STACK}-"): function for function in _functions()}
        with self._cold_start():
            self._handlers = {name: self._load(functions[name]) for name in HANDLERS}
            with _environment(functions["api"]):
                self._api = bootstrap.api_function()
            self._deployed_api = functions["api"]
        self.aws.approval = lambda event: self.invoke("approval", event)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        handler, deployed = self._handlers[function]
        context = LambdaContext(deployed)
        with patch("boto3.client", self.aws.client), self._client.running():
            return handler(event, context)

    def call_api(self, call: Callable[[ApiFunction], Any]) -> Any:
        """Call the API function. Its effects are delivered when this returns."""
        handler = self._api.outbox.delivers(lambda event, context: call(self._api))
        with patch("boto3.client", self.aws.client), self._client.running():
            return handler(None, LambdaContext(self._deployed_api))

    def end_sessions(self) -> None:
        """Close all connections. The next call of each function opens a new one, as in a new environment."""
        for database in self._databases:
            database.close()

    def _load(self, function: Function) -> tuple[Handler, Function]:
        specification = importlib.util.spec_from_file_location(
            f"bench_{uuid.uuid4().hex}", function.folder / f"{function.handler.partition('.')[0]}.py"
        )
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        with _environment(function):
            specification.loader.exec_module(module)
        return module.handler, function

    @contextmanager
    def _cold_start(self) -> Iterator[None]:
        """A context in which functions read their login's URL from us, and in which we record their databases."""
        urls = self._urls

        class Secrets:
            def login(self, name: str) -> str:
                return urls[name.rpartition("/")[2]]

        secrets = patch.object(adapters, "Secrets", Secrets)
        with secrets, patch.object(adapters, "Database", self._database):
            yield

    def _database(self, url: str) -> Database:
        database = _timed(self._record)(url)
        self._databases.append(database)
        return database


def _timed(record: Stopwatch) -> type[Database]:
    """The store's database class with a stopwatch around every public method."""

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            record.start()
            try:
                return method(*arguments, **named)
            finally:
                record.stop()

        return call

    methods = {
        name: counted(value) for name, value in vars(Database).items() if callable(value) and not name.startswith("_")
    }
    return type("TimedDatabase", (Database,), methods)


def _functions() -> tuple[Function, ...]:
    parameters = {"AuthIssuer": "https://issuer.example.com", "AuthAudience": "bench"}
    url = "http://127.0.0.1"
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of metrics, which are not needed here
    return read_template(ROOT / "template.yaml", stack_name=STACK, parameters=parameters, api_url=url).functions


@contextmanager
def _environment(function: Function) -> Iterator[None]:
    with patch.dict(os.environ, {**CREDENTIALS, **function.environment}):
        yield
