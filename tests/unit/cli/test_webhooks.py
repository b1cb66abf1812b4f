"""`baton webhooks`."""

from __future__ import annotations

from typing import Any

import pytest

from cli import webhooks
from tests.unit.cli.conftest import RUN, Shell

WEBHOOKS = "/organizations/demo/webhooks"
ID, DELIVERY = "3eb00000-0000-4000-8000-000000000001", "de110000-0000-4000-8000-000000000001"
URL = "https://receiver.example.com/hook"
MOMENT = "2026-11-23T09:00:00Z"


def a_webhook(**changes: Any) -> dict[str, Any]:
    return {
        "id": ID, "organization": "demo", "url": URL, "description": "ledger", "eventTypes": None,
        "status": "active", "disabledReason": None, "secretVersion": 1, "earlierSecretEndsAt": None,
        "firstFailedAt": None, "createdBy": RUN, "createdAt": MOMENT, "verifiedAt": MOMENT, "disabledAt": None,
        **changes,
    }  # fmt: skip


def a_delivery(status: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": DELIVERY, "webhookId": ID, "eventId": RUN, "eventType": "baton.ping", "runId": None, "sequence": None,
        "status": status, "attempts": 1, "nextAttemptAt": None, "responseStatus": None, "response": None,
        "error": None, "milliseconds": 3, "createdAt": MOMENT, "attemptedAt": MOMENT, "completedAt": None, **changes,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def one_webhook(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "LOOK_SECONDS", 0.0)
    shell.api.answers = {
        f"GET {WEBHOOKS}": [{"webhooks": [a_webhook()]}],
        f"POST {WEBHOOKS}": [a_webhook(secret="whsec_…")],
        f"POST {WEBHOOKS}/{ID}/rotate": [a_webhook(secret="whsec_…", earlierSecretEndsAt=MOMENT)],
        f"POST {WEBHOOKS}/{ID}/test": [a_delivery("pending")],
    }


def baton(shell: Shell, *words: str) -> int:
    return shell.baton("webhooks", *words, "--org", "demo")


def pages_of_deliveries(shell: Shell, *pages: dict[str, Any]) -> None:
    shell.api.answers[f"GET {WEBHOOKS}/{ID}/deliveries"] = [{"deliveries": [one], "nextCursor": None} for one in pages]


def test_only_the_secret_is_on_standard_output(shell: Shell) -> None:
    assert baton(shell, "create", URL, "--event", "orchestration.run.completed", "--description", "ledger") == 0
    assert shell.out == "whsec_…\n"
    assert f"baton webhooks test {ID}" in shell.err
    sent = {"url": URL, "description": "ledger", "eventTypes": ["orchestration.run.completed"]}
    assert shell.api.requests == [(f"POST {WEBHOOKS}", sent)]


@pytest.mark.parametrize(("words", "types"), [((), None), (("--callbacks-only",), [])])
def test_without_an_event_a_webhook_gets_all_or_none(shell: Shell, words: tuple[str, ...], types: Any) -> None:
    baton(shell, "create", URL, *words)
    [(_, body)] = shell.api.requests
    assert body.get("eventTypes") == types


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        (("--url", "https://new.example.com/"), {"url": "https://new.example.com/"}),
        (("--event", "orchestration.run.failed"), {"eventTypes": ["orchestration.run.failed"]}),
        (("--all-events", "--description", ""), {"eventTypes": None, "description": ""}),
        (("--callbacks-only", "--disable"), {"eventTypes": [], "enabled": False}),
        (("--enable",), {"enabled": True}),
    ],
)
def test_an_update_sends_what_is_named(shell: Shell, words: tuple[str, ...], changes: Any) -> None:
    shell.api.answers[f"PATCH {WEBHOOKS}/{ID}"] = [a_webhook(status="unverified")]
    assert baton(shell, "update", ID, *words) == 0
    assert shell.api.requests == [(f"PATCH {WEBHOOKS}/{ID}", changes)]
    assert (shell.out, f"baton webhooks test {ID}" in shell.err) == (f"{ID} is unverified.\n", True)


def test_an_update_of_nothing_is_refused(shell: Shell) -> None:
    assert baton(shell, "update", ID) == 1
    assert (shell.api.requests, "nothing to change" in shell.err) == ([], True)


def test_a_list_shows_what_each_gets(shell: Shell) -> None:
    disabled = a_webhook(status="disabled", disabledReason="gone", eventTypes=[])
    shell.api.answers[f"GET {WEBHOOKS}"] = [{"webhooks": [a_webhook(), disabled]}]
    assert baton(shell, "list") == 0
    _, first, second = [line.split("\t") for line in shell.out.splitlines()]
    assert first == [ID, "active", "all", URL, "ledger"]
    assert second[1:3] == ["disabled (gone)", "callbacks"]


@pytest.mark.parametrize(
    ("end", "code", "words"),
    [
        (a_delivery("delivered", responseStatus=204), 0, "It answered 204: the webhook is active."),
        (a_delivery("failed", error="answered 500"), 1, "The ping failed: answered 500."),
    ],
)
def test_a_test_waits_for_its_result(shell: Shell, end: dict[str, Any], code: int, words: str) -> None:
    pages_of_deliveries(shell, a_delivery("pending"), end)
    assert baton(shell, "test", ID) == code
    assert words in shell.out + shell.err


def test_a_test_is_not_waited_for_without_end(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "TEST_SECONDS", 0.0)
    assert baton(shell, "test", ID) == 1
    assert f"There is no answer yet: baton webhooks deliveries {ID}" in shell.err


def test_a_webhook_may_be_named_by_its_url(shell: Shell) -> None:
    assert baton(shell, "rotate", URL) == 0
    assert shell.out == "whsec_…\n"
    assert f"signs as well until {MOMENT}" in shell.err
    assert baton(shell, "rotate", "https://another.example.com/") == 1
    assert "has no webhook with the URL https://another.example.com/" in shell.err


def test_deliveries_are_a_table(shell: Shell) -> None:
    pages_of_deliveries(shell, a_delivery("failed", responseStatus=500, error="answered 500", attempts=7))
    assert baton(shell, "deliveries", ID, "--status", "failed") == 0
    row = shell.out.splitlines()[1].split("\t")
    assert row == [DELIVERY, "baton.ping", "failed", "7", "500", MOMENT, "", "answered 500"]


def test_a_delivery_is_ordered_again(shell: Shell) -> None:
    shell.api.answers[f"POST {WEBHOOKS}/{ID}/deliveries/{DELIVERY}/redeliver"] = [a_delivery("pending")]
    assert baton(shell, "redeliver", ID, DELIVERY) == 0
    assert "will be delivered again" in shell.out
