"""Machines that are created at run time: their name, and the functions that they call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from baton import exact_json
from baton.compiler import asl_text, compile_machine
from baton.errors import EngineUnavailable, SettingMissing
from baton.machines import Machines
from baton.plan import Plan
from tests.unit.examples import EXAMPLE, plan_of

STATES = "arn:aws:states:us-east-1:123456789012:stateMachine:stack-"
FUNCTIONS = "arn:aws:lambda:us-east-1:123456789012:function:stack-"


class FakeStepFunctionsClient:
    """Records calls in ``requests``; raises ``error``."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.requests: list[dict[str, Any]] = []

    def create_state_machine(self, **request: Any) -> None:
        self.requests.append(request)
        if self.error:
            raise self.error


def machines_of(error: Exception | None = None) -> tuple[Machines, FakeStepFunctionsClient]:
    machines, client = Machines(STATES, FUNCTIONS, "arn:role", "arn:logs:*"), FakeStepFunctionsClient(error)
    vars(machines)["_client"] = client
    return machines, client


def client_error(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "CreateStateMachine")


def test_a_machine_is_named_by_its_digest_and_calls_this_stacks_functions() -> None:
    machines, client = machines_of()
    machine = compile_machine(plan_of(EXAMPLE))

    assert machines.make(machine) == f"x-{machine.digest}"

    (request,) = client.requests
    assert request["name"] == f"stack-x-{machine.digest}"
    assert (request["roleArn"], request["loggingConfiguration"]["includeExecutionData"]) == ("arn:role", False)
    assert "${" not in request["definition"]
    assert f'"{FUNCTIONS}step"' in request["definition"]
    assert f'"{FUNCTIONS}checkpoint"' in request["definition"]
    assert json.loads(request["definition"])["StartAt"] == "fetch"


def test_an_existing_machine_with_the_same_name_is_used() -> None:
    machines, client = machines_of(client_error("StateMachineAlreadyExists"))
    machines.make_as("x-0", "{}")
    assert [request["name"] for request in client.requests] == ["stack-x-0"]


@pytest.mark.parametrize(
    "error",
    [
        client_error("ThrottlingException"),
        client_error("InternalFailure", 500),
        EndpointConnectionError(endpoint_url="x"),
    ],
)
def test_a_temporary_error_is_engine_unavailable(error: Exception) -> None:
    with pytest.raises(EngineUnavailable):
        machines_of(error)[0].make_as("x-0", "{}")


def test_a_permanent_error_is_raised() -> None:
    with pytest.raises(ClientError):
        machines_of(client_error("AccessDeniedException"))[0].make_as("x-0", "{}")


def test_a_placeholder_without_a_value_is_named() -> None:
    with pytest.raises(SettingMissing, match="BucketName"):
        machines_of()[0].make_as("x-0", '{"Bucket": "${BucketName}"}')


def test_a_plan_from_the_record_gives_the_same_machine() -> None:
    plan = plan_of(EXAMPLE)
    recorded = Plan.from_json(exact_json.loads(exact_json.dumps(plan.to_json())))
    assert asl_text(compile_machine(recorded)) == asl_text(compile_machine(plan))
