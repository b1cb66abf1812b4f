"""Service tokens over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from baton.errors import Forbidden, NotFound
from baton.usecases.service_tokens import NewTokenRequest

TOKENS = "/organizations/demo/service-tokens"
GOOD = {"name": "CI", "roles": ["viewer"], "expiresAt": "2027-01-31T12:00:00Z"}


def test_only_the_answer_to_the_creation_has_the_token(client: Any, function: Any, ids: Any) -> None:
    made = client.post(TOKENS, GOOD)

    assert (made.status, made.body["id"], made.body["token"]) == (201, ids["token"], "baton_…")
    assert made.headers["Cache-Control"] == "no-store"
    assert function.service_tokens.calls == [
        NewTokenRequest("demo", "CI", ["viewer"], datetime(2027, 1, 31, 12, tzinfo=UTC), allow_approver=False)
    ]
    (listed,) = client.get(TOKENS).body["serviceTokens"]
    assert listed == {
        "id": ids["token"],
        "organization": "demo",
        "name": "CI",
        "roles": ["viewer"],
        "createdBy": ids["anna"],
        "createdAt": "2026-11-23T09:00:00Z",
        "expiresAt": "2026-11-23T09:00:00Z",
        "revokedAt": None,
    }


def test_a_machine_can_become_an_approver(client: Any, function: Any) -> None:
    client.post(TOKENS, {**GOOD, "roles": ["approver"], "allowApprover": True})

    assert function.service_tokens.calls[0].allow_approver is True


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"roles": ["root"]}, "roles.0"),
        ({"expiresAt": None}, "expiresAt"),
        ({"expiresAt": "tomorrow"}, "expiresAt"),
        ({"expiresAt": "2027-01-31T12:00:00"}, "expiresAt"),
        ({"expiresAt": 1801396800}, "expiresAt"),
        ({"allowApprover": "yes"}, "allowApprover"),
        ({"expires": "never"}, "expires"),
    ],
)
def test_a_wrong_field_of_a_new_token_is_named(client: Any, function: Any, changes: Any, field: str) -> None:
    answer = client.post(TOKENS, GOOD | changes)

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)
    assert function.service_tokens.calls == []


def test_a_revoked_token_has_the_moment_of_its_revocation(client: Any, function: Any, ids: Any) -> None:
    answer = client.ask("DELETE", f"{TOKENS}/{ids['token']}")

    assert (answer.status, answer.body["revokedAt"]) == (200, "2026-11-23T09:00:00Z")
    assert function.service_tokens.calls == [("demo", ids["token"])]


@pytest.mark.parametrize(("error", "status"), [(Forbidden("no"), 403), (NotFound("no"), 404)])
def test_a_refusal_has_its_status(client: Any, function: Any, ids: Any, error: Any, status: int) -> None:
    function.service_tokens.fails_with = error

    assert client.get(TOKENS).status == status
    assert client.post(TOKENS, GOOD).status == status
    assert client.ask("DELETE", f"{TOKENS}/{ids['token']}").status == status
