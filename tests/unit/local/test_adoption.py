"""Any number of open runs is adopted, and the start waits for some of them only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import adoption
from local.adoption import MAX_RUNS_AT_START, Adoption, AdoptionFailed
from local.aws import Schedules
from local.runtime import InvocationResult
from local.template import Schedule
from tests.integration.waiting import PATIENCE, wait_until


class FakeRelay:
    """Adopts as many runs a call as it is asked to; ``failures`` calls, after the first, fail before that."""

    def __init__(self, runs: int, failures: int = 0) -> None:
        self.left, self.failures = runs, failures
        self.asked: list[Any] = []

    def __call__(self, function: str, event: Any) -> InvocationResult:
        self.asked.append((function, event))
        if len(self.asked) > 1 and self.failures:
            self.failures -= 1
            return InvocationResult(
                json.dumps({"errorType": "StoreUnavailable", "errorMessage": "away"}), is_error=True
            )
        adopted = min(self.left, event["adopt"]["limit"])
        self.left -= adopted
        return InvocationResult(
            json.dumps({"adopted": adopted, "before": "then", "isThrough": adopted < MAX_RUNS_AT_START})
        )


def test_a_few_runs_are_adopted_at_once() -> None:
    relay = FakeRelay(3)
    adoption = Adoption(relay)
    adoption.begin()
    assert adoption.is_through.is_set()
    assert relay.asked == [("relay", {"adopt": {"limit": MAX_RUNS_AT_START}})]


def test_of_thousands_a_start_adopts_some_and_the_relay_the_others_though_it_fails_at_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adoption, "PAUSE_SECONDS", 0.01)
    relay = FakeRelay(3_000, failures=2)
    adopting = Adoption(relay)
    adopting.begin()
    assert adopting.is_through.wait(PATIENCE)
    adopting.stop()
    assert relay.left == 0
    assert relay.asked[-1] == ("relay", {"adopt": {"before": "then", "limit": MAX_RUNS_AT_START}})


def test_a_stack_whose_relay_fails_does_not_start() -> None:
    def relay(function: str, event: Any) -> InvocationResult:
        return InvocationResult(json.dumps({"errorType": "StoreUnavailable", "errorMessage": "away"}), is_error=True)

    with pytest.raises(AdoptionFailed, match="^StoreUnavailable: away$"):
        Adoption(relay).begin()


class RecordingRuntime:
    def __init__(self) -> None:
        self.invoked: list[str] = []

    def invoke_later(self, name: str, event: str) -> None:
        self.invoked.append(name)


@pytest.mark.parametrize("is_through", [False, True])
def test_who_looks_for_lost_runs_waits_for_the_adoption(is_through: bool) -> None:
    runtime: Any = RecordingRuntime()
    adopting = Adoption(FakeRelay(0))
    if is_through:
        adopting.begin()
    schedules = [Schedule(f"{name}-every-minute", 3600, name, None) for name in ("reconcile", "relay")]
    deployment: Any = type("Deployed", (), {"schedules": schedules})
    started = Schedules(deployment, runtime, {"reconcile": adopting.is_through})
    started.start()
    wait_until(lambda: len(runtime.invoked) == (2 if is_through else 1))
    started.stop()
    assert sorted(runtime.invoked) == (["reconcile", "relay"] if is_through else ["relay"])
