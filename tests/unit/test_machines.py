"""Machines that are created at run time: their name, and the functions that they call."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from baton import exact_json
from baton.compiler import asl_text, compile_machine
from baton.errors import EngineUnavailable, SettingMissing
from baton.machines import MAX_NAME_CHARACTERS, Machines, machine_name
from baton.plan import Plan
from baton.ports.library import DefinitionVersion
from tests.unit.examples import EXAMPLE, plan_of

STATES = "arn:aws:states:us-east-1:123456789012:stateMachine:stack-"
ENGINE = "123456789012/us-east-1/stack"
ROW = DefinitionVersion("acme", "kpi-review", "1.2.0")
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
    machines = Machines(ENGINE, STATES, FUNCTIONS, "arn:role", "arn:logs:*")
    client = FakeStepFunctionsClient(error)
    vars(machines)["_client"] = client
    return machines, client


def client_error(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "CreateStateMachine")


def test_a_machine_is_named_by_its_definition_and_calls_this_stacks_functions() -> None:
    machines, client = machines_of()
    machine = compile_machine(plan_of(EXAMPLE))

    name = machines.make(machine, ROW)
    assert re.fullmatch("x-kpi-review-1-2-0-[0-9a-f]{16}", name)
    assert name == machines.name_of(machine, ROW)

    (request,) = client.requests
    assert request["name"] == f"stack-{name}"
    assert (request["roleArn"], request["loggingConfiguration"]["includeExecutionData"]) == ("arn:role", False)
    assert "${" not in request["definition"]
    assert f'"{FUNCTIONS}step"' in request["definition"]
    assert f'"{FUNCTIONS}checkpoint"' in request["definition"]
    assert json.loads(request["definition"])["StartAt"] == "fetch"


def test_an_existing_machine_with_the_same_name_is_used() -> None:
    machines, client = machines_of(client_error("StateMachineAlreadyExists"))
    machines.make_as("x-0", "{}", ROW)
    assert [request["name"] for request in client.requests] == ["stack-x-0"]


def test_a_machine_has_tags_with_its_deployment_organisation_and_definition() -> None:
    machines, client = machines_of()
    machines.make_as("x-0", "{}", DefinitionVersion("acme", "kpi-review", "1.2.0+build,7 (b)" + "9" * 300))
    tags = {tag["key"]: tag["value"] for tag in client.requests[0]["tags"]}
    assert tags == {
        "baton:engine": ENGINE,
        "baton:organization": "acme",
        "baton:definition": "kpi-review",
        "baton:version": ("1.2.0+build_7 _b_" + "9" * 300)[:256],
    }


STACKS = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,59}", fullmatch=True)
SLUGS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,59}", fullmatch=True)
NUMBER = "(0|[1-9][0-9]{0,9})"
LABELS = "[0-9A-Za-z.-]{1,40}"
VERSIONS = st.from_regex(rf"{NUMBER}(\.{NUMBER}){{2}}(-{LABELS})?(\+{LABELS})?", fullmatch=True)
ROWS = st.builds(DefinitionVersion, SLUGS, SLUGS, VERSIONS)


@given(stack=STACKS, row=ROWS, other=ROWS, digest=st.from_regex("[0-9a-f]{16}", fullmatch=True))
def test_every_row_has_a_machine_of_its_own_with_a_name_that_step_functions_takes(
    stack: str, row: DefinitionVersion, other: DefinitionVersion, digest: str
) -> None:
    name = machine_name(f"{stack}-", row, digest)
    assert re.fullmatch("x-[A-Za-z0-9_-]*[0-9a-f]{16}", name)  # the definitions' CHECK, and the policies' prefix
    assert len(f"{stack}-{name}") <= MAX_NAME_CHARACTERS
    assert (name == machine_name(f"{stack}-", other, digest)) == (row == other)
    assert name != machine_name(f"{stack}-", row, digest[::-1] + "0")


def test_the_same_file_of_two_organisations_has_two_machines() -> None:
    machine = compile_machine(plan_of(EXAMPLE))
    machines, _ = machines_of()
    assert machines.name_of(machine, ROW) != machines.name_of(machine, replace(ROW, organization="beta"))


@pytest.mark.parametrize(
    ("stack", "row", "readable"),
    [
        ("baton", ("kpi-tracking", "1.0.0"), "kpi-tracking-1-0-0"),
        ("baton", ("a-very-long-name-of-a-quarterly-review", "1.0.0"), "a-very-long-name-of-a-qu-1-0-0"),
        ("baton", ("kpi-tracking", "2.0.0-rc.1+build.5"), "kpi-tracking-2-0-0-rc-1-build-5"),
        ("s" * 49, ("kpi-tracking", "1.0.0"), "kpi-t-1-0-0"),
        ("s" * 56, ("kpi-tracking", "1.0.0"), "1-0"),
    ],
)  # fmt: skip
def test_a_long_stack_name_shortens_the_readable_part(stack: str, row: tuple[str, str], readable: str) -> None:
    name = machine_name(f"{stack}-", DefinitionVersion("acme", *row), "0" * 16)
    assert name[:-17] == f"x-{readable}"


def test_a_stack_name_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(SettingMissing, match="too long"):
        machine_name("s" * 62, ROW, "0" * 16)


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
        machines_of(error)[0].make_as("x-0", "{}", ROW)


def test_a_permanent_error_is_raised() -> None:
    with pytest.raises(ClientError):
        machines_of(client_error("AccessDeniedException"))[0].make_as("x-0", "{}", ROW)


def test_a_placeholder_without_a_value_is_named() -> None:
    with pytest.raises(SettingMissing, match="BucketName"):
        machines_of()[0].make_as("x-0", '{"Bucket": "${BucketName}"}', ROW)


def test_a_plan_from_the_record_gives_the_same_machine() -> None:
    plan = plan_of(EXAMPLE)
    recorded = Plan.from_json(exact_json.loads(exact_json.dumps(plan.to_json())))
    assert asl_text(compile_machine(recorded)) == asl_text(compile_machine(plan))
