"""Requests to a deployment that is absent for a while, or overloaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from baton_client import Client, GatewayRefused, Refused, RetryPolicy, Unreachable
from tests.unit.client.network import Reply, ScriptedNetwork, busy, ok, problem

GONE = httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "failure", [GONE, httpx.ReadTimeout("late"), httpx.RemoteProtocolError("cut off"), busy(), httpx.Response(429)]
)
def test_a_request_without_an_answer_is_repeated_and_on_absence_is_called_once(failure: Reply) -> None:
    network, absences = ScriptedNetwork(failure, failure, ok()), []
    network.client(retry_policy=RetryPolicy(60, lambda: absences.append(1))).runs.get("r")
    assert (len(network.requests), absences) == (3, [1])


def test_a_refusal_is_not_repeated() -> None:
    network = ScriptedNetwork(problem(404))
    with pytest.raises(Refused):
        network.client().runs.get("r")
    assert (len(network.requests), network.pauses) == (1, [])


def test_tries_end_after_the_seconds_of_the_policy() -> None:
    network = ScriptedNetwork(GONE)
    with pytest.raises(Unreachable, match="refused"):
        network.client(retry_policy=RetryPolicy(60)).runs.get("r")
    assert 58 < sum(network.pauses) <= 60


def test_the_last_answer_counts_after_the_last_try() -> None:
    network = ScriptedNetwork(GONE, problem(503, title="Later", detail="Try again."))
    with pytest.raises(Refused, match="Later"):
        network.client(retry_policy=RetryPolicy(2)).runs.get("r")


def test_a_policy_of_no_seconds_sends_once() -> None:
    network = ScriptedNetwork(busy())
    with pytest.raises(GatewayRefused, match="Service Unavailable"):
        network.client(retry_policy=RetryPolicy(0)).runs.get("r")
    assert network.pauses == []


def test_a_pause_is_as_long_as_retry_after_says() -> None:
    network = ScriptedNetwork(busy(**{"Retry-After": "4"}), ok())
    network.client().runs.get("r")
    assert network.pauses == [4.0]


def test_a_pause_that_would_end_too_late_does_not_begin() -> None:
    network = ScriptedNetwork(busy(**{"Retry-After": "3600"}))
    with pytest.raises(GatewayRefused):
        network.client().runs.get("r")
    assert network.pauses == []


def test_a_request_that_can_never_be_sent_is_tried_once() -> None:
    network = ScriptedNetwork(httpx.LocalProtocolError("illegal header"))
    with pytest.raises(Unreachable, match="illegal header"):
        network.client().runs.get("r")
    assert network.pauses == []


TWICE: list[Callable[[Client], Any]] = [
    lambda client: client.members.put("u", ["viewer"]),
    lambda client: client.members.remove("u"),
    lambda client: client.runs.launch("kpi"),
    lambda client: client.recovery.fork("r", "step"),
    lambda client: client.tasks.build("desk", "kpi"),
]
ONCE: list[Callable[[Client], Any]] = [
    lambda client: client.recovery.retry("r"),
    lambda client: client.approvals.decide("a", "continue"),
    lambda client: client.service_tokens.create("CI", ["viewer"], "2027-01-31T12:00:00Z"),
    lambda client: client.outbox.redrive_all(),
]


@pytest.mark.parametrize("call", TWICE)
def test_a_repeated_request_is_the_same_request(call: Callable[[Client], Any]) -> None:
    network = ScriptedNetwork(GONE, ok())
    call(network.client(organization="demo"))
    first, second = network.requests
    assert (first.method, first.url, first.content) == (second.method, second.url, second.content)
    assert first.headers == second.headers


@pytest.mark.parametrize("call", ONCE)
def test_other_requests_are_sent_once(call: Callable[[Client], Any]) -> None:
    network = ScriptedNetwork(GONE, ok())
    with pytest.raises(Unreachable):
        call(network.client(organization="demo"))
    assert len(network.requests) == 1
