"""The run that an execution's input names."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from baton.errors import BatonError, NotLaunched, RunEnded, StaleGeneration, WrongMachine
from baton.model import Refusal
from baton.ports.checkpoints import WaitingTask
from baton.run_input import Handler, of_a_run
from baton.usecases.refusals import refused

CONTEXT = SimpleNamespace(function_name="my-stack-step")
RUN: dict[str, Any] = {"run_id": str(uuid.uuid4()), "generation": 2}


@of_a_run
def handler(event: Any, context: Any) -> Any:
    return {name: event[name] for name in ("run_id", "generation", "step_id")}


def refuse(refusal: Refusal) -> Handler:
    """A handler whose call the record refuses."""

    def handler(event: Any, context: Any) -> Any:
        raise refused(refusal, WaitingTask(event["run_id"], event["step_id"], event["generation"], "d", "t", "arn:…"))

    return of_a_run(handler)


@pytest.mark.parametrize(
    "event",
    [
        {"execution_input": RUN},
        {"execution_input": {**RUN, "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn:…"}},  # a child's
        RUN,  # of an execution that began before the last deployment
    ],
)
def test_the_handler_gets_the_run_and_the_generation(event: dict[str, Any]) -> None:
    assert handler({**event, "step_id": "a"}, CONTEXT) == {**RUN, "step_id": "a"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        None,
        "kpi-tracking",
        [RUN],
        {"organization": "demo", "orchestration": "kpi-tracking", "parameters": {}},
        {**RUN, "run_id": "today"},
        {**RUN, "run_id": None},
        {**RUN, "generation": "1"},
        {**RUN, "generation": True},
        {"run_id": RUN["run_id"]},
    ],
)
def test_any_other_input_is_refused_with_the_machine_that_launches_runs(given: Any) -> None:
    with pytest.raises(NotLaunched, match="start the state machine my-stack-launch with {organization, orchestration"):
        handler({"execution_input": given, "step_id": "a"}, CONTEXT)


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (Refusal.UNKNOWN_STEP, WrongMachine),
        (Refusal.WRONG_MACHINE, WrongMachine),
        (Refusal.STALE_GENERATION, StaleGeneration),
    ],
)
def test_a_call_for_no_run_of_this_machine_names_the_ways_to_launch_one(
    refusal: Refusal, error: type[BatonError]
) -> None:
    with pytest.raises(error) as raised:
        refuse(refusal)({"execution_input": RUN, "step_id": "a"}, CONTEXT)
    assert str(raised.value).endswith(
        ". To launch a run, use `baton run`, or start the state machine my-stack-launch with "
        "{organization, orchestration, parameters}"
    )


def test_a_call_for_a_run_that_has_ended_says_how_to_retry_it() -> None:
    with pytest.raises(RunEnded, match=f"baton retry {RUN['run_id']}$"):
        refuse(Refusal.RUN_ENDED)({"execution_input": RUN, "step_id": "a"}, CONTEXT)
