"""Nothing waits longer than the function that it is in: for Postgres, for AWS, for another function."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config

from baton.agents.lambda_transport import LambdaTransport
from baton.approval_client import ApprovalClient
from baton.bus import EventBus
from baton.connection import MAX_ADDRESSES, WAITS, Waits
from baton.definition.models import MAX_STEP_SECONDS
from baton.engine import StepFunctions
from baton.machines import Machines
from baton.secrets import Secrets
from cli.checkout import ROOT
from kpi_mcp import database as kpi
from local.template import Function, read_template

MAX_SECONDS = 15  # in which a call to the database gives up
MACHINES = "arn:aws:states:us-east-1:123456789012:stateMachine:baton-"


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Function]:
    monkeypatch.setattr(os, "environ", {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"})
    parameters = {"AuthIssuer": "https://issuer.example/auth/v1"}
    template = read_template(ROOT / "template.yaml", stack_name="", parameters=parameters, api_url="https://a.example")
    return {function.name.removeprefix("-"): function for function in template.functions}


def config_of(make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> Config:
    """How the one client that ``make`` makes is set up."""
    made: list[Config] = []

    def client(service: str, config: Config) -> object:
        made.append(config)
        return object()

    monkeypatch.setattr(boto3, "client", client)
    make()
    return made[0]


def longest(config: Any) -> float:
    """Seconds, with the pause of at most one before each repeat."""
    attempts = config.retries["total_max_attempts"]
    return float(attempts * (config.connect_timeout + config.read_timeout) + attempts - 1)


@pytest.mark.parametrize("waits", [WAITS, kpi.WAITS], ids=["record", "kpi"])
def test_a_call_to_the_database_gives_up_before_its_function_is_ended(
    functions: Mapping[str, Function], waits: Waits
) -> None:
    assert waits.answer + MAX_ADDRESSES * waits.connect <= MAX_SECONDS
    assert waits.call < MAX_SECONDS
    users = [function for function in functions.values() if "BATON_DATABASE_SECRET" in function.environment]
    assert len(users) > 7
    assert min(function.timeout for function in users) > MAX_SECONDS


@pytest.mark.parametrize(
    "make",
    [
        lambda: StepFunctions(MACHINES)._client,
        lambda: Machines("", MACHINES, "", "", "")._client,
        lambda: EventBus("bus")._client,
        lambda: Secrets()._provider,
    ],
    ids=["step functions", "machines", "events", "secrets"],
)
def test_a_short_call_ends_before_every_function(
    functions: Mapping[str, Function], monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any]
) -> None:
    assert longest(config_of(make, monkeypatch)) < min(function.timeout for function in functions.values())


def test_callers_wait_for_the_approval_function_longer_than_its_limit_and_shorter_than_their_own(
    functions: Mapping[str, Function], monkeypatch: pytest.MonkeyPatch
) -> None:
    config: Any = config_of(lambda: ApprovalClient("approval")._client, monkeypatch)
    callers = [function for function in functions.values() if "BATON_APPROVAL_FUNCTION" in function.environment]
    assert {function.folder.name for function in callers} == {"api", "checkpoint", "relay"}
    assert config.retries == {"total_max_attempts": 1}
    assert functions["approval"].timeout < config.read_timeout
    assert longest(config) < min(function.timeout for function in callers)


def test_an_agent_is_called_once_and_its_answer_may_come_a_little_after_its_deadline(
    functions: Mapping[str, Function], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Client:
        def invoke(self, **_: Any) -> Any:
            raise LookupError

    made: list[Any] = []
    monkeypatch.setattr(boto3, "client", lambda service, config: made.append(config) or Client())
    with pytest.raises(LookupError):
        LambdaTransport("")({"function": "summarizer"}, {}, MAX_STEP_SECONDS)
    assert made[0].read_timeout == MAX_STEP_SECONDS + 5
    assert made[0].retries == {"total_max_attempts": 1}
    assert longest(made[0]) < functions["step"].timeout
