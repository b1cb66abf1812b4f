"""An effect that cannot be delivered, on the whole stack: seen, logged, redriven, delivered by the relay."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli import main as command
from local.stack import Stack
from tests.integration.stack_client import StackClient, checkpoint, step


@pytest.fixture
def stuck_effect(stack: Stack, client: StackClient) -> str:
    """The id of an order to start a machine that is not there; it has failed four times and is tried a fifth time."""
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    client.wait_for_approvals(run_id, "a")
    [(effect_id,)] = client.rows(
        "insert into baton.outbox (run_id, kind, payload, failures, available_at)"
        """ values (%s, 'start', '{"machine": "not-there", "generation": 1}', 4, now()) returning id::text""",
        run_id,
    )
    sweep(stack)
    return str(effect_id)


def sweep(stack: Stack) -> None:
    """As the schedule does every minute."""
    assert not stack.invoke("relay", {}).errored


def outbox_of(client: StackClient, effect_id: str) -> list[tuple[Any, ...]]:
    return client.rows("select failures from baton.outbox where id = %s", effect_id)


def test_what_failed_often_is_seen_and_redriven_once_its_cause_is_mended(
    stack: Stack, client: StackClient, stuck_effect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("operator")}
    assert command.main(["outbox", "--org", "demo", "--failures", "5", "--json"], environ) == 0
    [shown] = [effect for effect in json.loads(capsys.readouterr().out) if effect["id"] == stuck_effect]
    assert (shown["kind"], shown["failures"], shown["stuck"]) == ("start", 5, True)
    assert "StateMachineDoesNotExist" in shown["lastError"]

    sweep(stack)
    assert outbox_of(client, stuck_effect) == [(5,)]  # it waits: not before its time

    client.rows(
        "update baton.outbox o set payload = jsonb_set(payload, '{machine}', to_jsonb(r.machine))"
        " from orchestration_runs r where r.id = o.run_id and o.id = %s returning 1",
        stuck_effect,
    )
    assert command.main(["outbox", "redrive", stuck_effect], environ) == 0
    sweep(stack)
    assert outbox_of(client, stuck_effect) == []


def test_the_log_has_one_line_for_an_alarm(stack: Stack, stuck_effect: str) -> None:
    lines = [json.loads(line) for line in stack.log_file.read_text().splitlines() if stuck_effect in line]

    [told] = [line for line in lines if line["level"] == "ERROR"]
    assert (told["service"], told["message"], told["failures"]) == ("relay", "effect is stuck", 5)
    assert "StateMachineDoesNotExist" in told["reason"]


def test_who_is_not_of_the_organisation_sees_nothing_of_it(
    stack: Stack, stuck_effect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("operator", organization="elsewhere")}
    assert command.main(["outbox", "--json"], environ) == 0
    assert stuck_effect not in capsys.readouterr().out
    assert command.main(["outbox", "redrive", stuck_effect], environ) == 1
    assert "There is no effect" in capsys.readouterr().err
