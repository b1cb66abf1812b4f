"""The errors that a state machine retries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from baton import errors, history
from baton.compiler import compile_machine, retries
from baton.plan import MAX_ITEMS_AT_ONCE
from cli.authoring.checker.failures import RESERVED
from tests.unit.examples import EXAMPLE, plan_of, plan_of_graph, whole_engine

WITH_RETRIES = EXAMPLE.replace(
    "  steps:",
    "  error_handling:\n    on_step_failure:\n      retry_count: 2\n      initial_delay_seconds: 3\n  steps:",
)


def retriers(state: str, text: str = WITH_RETRIES) -> dict[str, dict[str, Any]]:
    """Error name → the retrier that matches it."""
    retry = compile_machine(plan_of(text)).asl["States"][state]["Retry"]
    return {name: retrier for retrier in retry for name in retrier["ErrorEquals"]}


# Errors of Lambda, its sandbox and Step Functions:
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
KNOWN_ELSEWHERE = {*retries.LAMBDA_SERVICE_ERRORS, *retries.CRASHES, *retries.STEP_FUNCTIONS_SERVICE_ERRORS, *RESERVED}


def all_error_names(machine: dict[str, Any]) -> set[str]:
    """All names of all ErrorEquals."""
    if isinstance(machine, list):
        return {name for item in machine for name in all_error_names(item)}
    if not isinstance(machine, dict):
        return set()
    return set(machine.get("ErrorEquals", [])) | {name for value in machine.values() for name in all_error_names(value)}


def test_every_error_name_is_a_class_of_baton_or_an_error_of_aws() -> None:
    names = all_error_names(compile_machine(whole_engine()).asl)
    ours = names - KNOWN_ELSEWHERE
    assert ours == {
        "StepFailed",
        "StepExhausted",
        "AttemptInProgress",
        "StoreUnavailable",
        "ApprovalUnavailable",
        "CheckpointNotExpired",
        "AgentThrottled",
        "ResultNotRecorded",
        "ChildMovedOn",
    }
    assert all(issubclass(getattr(errors, name), errors.BatonError) for name in ours)
    assert names & KNOWN_ELSEWHERE


@pytest.mark.parametrize("name", [
    "StepExhausted", "RunEnded", "StaleGeneration", "WrongMachine", "StepNotReady", "Forbidden",
])  # fmt: skip
def test_an_error_that_a_retry_cannot_help_is_not_retried(name: str) -> None:
    assert hasattr(errors, name)
    for state in ("summarize", "fetch: review"):
        assert not {name, "States.ALL", "States.TaskFailed"} & retriers(state).keys()


@pytest.mark.parametrize("name", ["StepFailed", "Lambda.Unknown", "Sandbox.Timedout", "States.Timeout"])
def test_the_record_ends_the_retries_because_the_machine_tries_once_more(name: str) -> None:
    retrier = retriers("summarize")[name]
    assert retrier["MaxAttempts"] == 3
    assert (retrier["IntervalSeconds"], retrier["BackoffRate"], retrier["MaxDelaySeconds"]) == (3, 2.0, 60)


def test_a_fixed_delay_does_not_grow() -> None:
    text = WITH_RETRIES.replace("retry_count: 2", "retry_count: 2\n      strategy: fixed\n      max_delay_seconds: 3")
    retrier = retriers("summarize", text)["StepFailed"]
    assert retrier["BackoffRate"] == 1
    assert "MaxDelaySeconds" not in retrier, "Step Functions wants it above IntervalSeconds"


def waits(policy: str) -> list[float]:
    """Seconds before each automatic retry, as Step Functions counts them."""
    text = EXAMPLE.replace("  steps:", f"  error_handling: {{on_step_failure: {policy}}}\n  steps:")
    retrier = retriers("summarize", text)["StepFailed"]
    longest = retrier.get("MaxDelaySeconds", retrier["IntervalSeconds"] if retrier["BackoffRate"] == 1 else 10**9)
    grown = [retrier["IntervalSeconds"] * retrier["BackoffRate"] ** n for n in range(retrier["MaxAttempts"] - 1)]
    return [round(min(wait, longest), 1) for wait in grown]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("{retry_count: 4, initial_delay_seconds: 2, backoff_multiplier: 3}", [2, 6, 18, 54]),
        ("{retryCount: 4, initialDelaySeconds: 2, backoffMultiplier: 3, maxDelaySeconds: 10}", [2, 6, 10, 10]),
        ("{maxAttempts: 3, initialDelayMs: 1500, strategy: fixed, backoffMultiplier: 3}", [2, 2]),
        ("{retry_count: 1, strategy: linear, initial_delay_seconds: 5}", [5]),
        ("{retry_count: 2, strategy: linear, initial_delay_seconds: 5}", [5, 10]),
        ("{retry_count: 4, strategy: linear, initial_delay_seconds: 10}", [10, 15.9, 25.2, 40]),
        ("{retry_count: 5, strategy: linear, initial_delay_seconds: 10, max_delay_seconds: 20}", [10, 20, 20, 20, 20]),
        ("{retry_count: 3, initial_delay_seconds: 90}", [90, 90, 90]),
        ("{retry_count: 3, initial_delay_seconds: 5, max_delay_seconds: 5, strategy: exponential}", [5, 5, 5]),
        ("{maxAttempts: 1}", []),
    ],
)
def test_the_waits_are_those_of_the_strategy(policy: str, expected: list[float]) -> None:
    """Linear growth has its first and last wait exactly: Step Functions itself only knows geometric growth."""
    assert waits(policy) == expected


def test_a_policy_of_a_step_changes_that_of_the_orchestration() -> None:
    plan = whole_engine()
    general, own = plan.step("brief").retry, plan.step("totals").retry
    assert (general.retry_count, general.initial_delay_seconds, general.backoff_multiplier) == (2, 2, 3.0)
    assert (general.max_delay_seconds, general.allow_skip, general.notify_human) == (30, True, True)
    assert own == replace(general, retry_count=0, allow_skip=False)


def test_a_delivery_waits_for_another_one_longer_than_the_step_may_take() -> None:
    text = WITH_RETRIES.replace("agent: summarizer", "agent: summarizer\n      timeout_seconds: 840")
    retrier = retriers("summarize", text)["AttemptInProgress"]
    waits = [min(2 * 2**attempt, retrier["MaxDelaySeconds"]) for attempt in range(retrier["MaxAttempts"])]
    assert sum(waits) > 840 + 30


def test_a_checkpoint_that_nobody_decides_is_not_asked_again() -> None:
    assert "States.Timeout" not in retriers("fetch: review")


def tasks(machine: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """All Tasks, also those inside of Maps and Parallels, with their names."""
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            yield name, state
        for inner in [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]:
            yield from tasks(inner)


AWAY = ("StoreUnavailable", "AgentThrottled", "Lambda.TooManyRequestsException", "Lambda.ServiceException")


@pytest.mark.parametrize("error", AWAY)
def test_every_task_waits_six_hours_for_lambda_and_the_database(error: str) -> None:
    """No catcher takes the error before, because Step Functions first looks at the retriers."""
    named = dict(tasks(compile_machine(whole_engine()).asl))
    assert {"brief: gate", "figures: item", "figures: expand", "tracking: prepare", "totals: settle"} <= named.keys()
    for name, task in named.items():
        if task["Resource"].startswith("arn:aws:states:::lambda"):
            assert seconds_of([one for one in task["Retry"] if error in one["ErrorEquals"]]) >= 6 * 3600, name


def test_a_start_of_a_child_waits_as_long_for_step_functions() -> None:
    child = dict(tasks(compile_machine(whole_engine()).asl))["tracking"]
    assert seconds_of(child["Retry"]) >= 6 * 3600


def seconds_of(retry: list[dict[str, Any]]) -> float:
    """How long the only retrier goes on, at least."""
    [retrier] = retry
    assert "JitterStrategy" not in retrier, "jitter makes waits shorter by a chance"
    delays = (retrier["IntervalSeconds"] * retrier["BackoffRate"] ** number for number in range(retrier["MaxAttempts"]))
    return float(sum(min(delay, retrier["MaxDelaySeconds"]) for delay in delays))


def test_all_lines_of_a_map_can_wait_when_the_record_finds_the_history_full() -> None:
    waits = MAX_ITEMS_AT_ONCE * retries.OUTAGE_RETRIES * history.RETRY
    assert history.FULL_EVENTS + waits < history.MAX_EVENTS


def test_a_lost_result_enters_its_own_task_again_so_that_it_is_no_crash() -> None:
    named = dict(tasks(compile_machine(whole_engine()).asl))
    for name in ("brief", "figures: item", "totals"):
        first = named[name]["Catch"][0]
        assert (first["ErrorEquals"], first["Next"], first["ResultPath"]) == (["ResultNotRecorded"], name, None)


def test_a_childs_execution_is_started_again_only_if_step_functions_was_too_busy() -> None:
    plan = plan_of_graph({"tracking": []}, features={"tracking": "child"})
    child = compile_machine(plan).asl["States"]["tracking"]
    (retrier,) = child["Retry"]
    assert {"StepFunctions.ThrottlingException", "StepFunctions.ExecutionLimitExceeded"} <= set(retrier["ErrorEquals"])
    # After the end of the child, its record has the result.
    assert not {"States.TaskFailed", "States.ALL"} & set(retrier["ErrorEquals"])
    assert not any("AlreadyExists" in name for name in retrier["ErrorEquals"])
    assert "$$.State.RetryCount" not in str(child["Parameters"]), "the same name and input each time"
