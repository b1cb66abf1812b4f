"""`baton members` and `baton service-token`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.cli.conftest import OVER, Shell

MEMBERS = "/organizations/demo/members"
TOKENS = "/organizations/demo/service-tokens"
BEN = "0b000000-0000-4000-8000-000000000002"
MEMBER = {"userId": BEN, "organization": "demo", "roles": ["viewer", "admin"], "createdAt": "2026-11-23T09:00:00Z"}
TOKEN: dict[str, Any] = {
    "id": "10ce0000-0000-4000-8000-000000000001",
    "organization": "demo",
    "name": "CI",
    "roles": ["viewer"],
    "createdBy": BEN,
    "createdAt": "2026-11-23T09:00:00Z",
    "expiresAt": "2026-12-23T09:00:00Z",
    "revokedAt": None,
}


@pytest.fixture(autouse=True)
def an_organisation(shell: Shell) -> None:
    shell.api.answers = {
        f"GET {MEMBERS}": [{"members": [MEMBER]}],
        f"PUT {MEMBERS}/{BEN}": [MEMBER],
        f"DELETE {MEMBERS}/{BEN}": [OVER],
        f"GET {TOKENS}": [{"serviceTokens": [TOKEN]}],
        f"POST {TOKENS}": [{**TOKEN, "token": "baton_1_2"}],
        f"DELETE {TOKENS}/{TOKEN['id']}": [{**TOKEN, "revokedAt": "2026-11-24T09:00:00Z"}],
    }


def test_members_are_a_table(shell: Shell) -> None:
    assert shell.baton("members") == 0

    assert shell.out.splitlines()[1].split("\t") == [BEN, "viewer, admin", "2026-11-23T09:00:00Z"]


def test_a_member_is_set_with_exactly_these_roles(shell: Shell) -> None:
    assert shell.baton("members", "set", BEN, "--role", "viewer", "--role", "admin") == 0

    assert shell.api.sent(f"PUT {MEMBERS}/{BEN}") == {"roles": ["admin", "viewer"]}
    assert shell.out == f"{BEN} is viewer, admin in demo.\n"


def test_a_member_is_removed(shell: Shell) -> None:
    assert shell.baton("members", "remove", BEN) == 0
    assert shell.out == f"{BEN} is no member of demo any more.\n"

    assert shell.baton("members", "remove", BEN, "--json") == 0
    assert json.loads(shell.out) == {"userId": BEN, "organization": "demo", "removed": True}


@pytest.mark.parametrize("words", [["set", BEN], ["set", BEN, "--role", "owner"], ["remove"]])
def test_what_is_typed_wrongly_is_not_sent(shell: Shell, words: list[str]) -> None:
    assert shell.baton("members", *words) == 2
    assert shell.api.requests == []


def test_a_new_token_is_all_that_is_on_standard_output(shell: Shell) -> None:
    assert shell.baton("service-token", "create", "CI", "--role", "viewer", "--days", "30") == 0

    assert shell.out == "baton_1_2\n"
    assert TOKEN["id"] in shell.err
    sent = shell.api.sent(f"POST {TOKENS}")
    assert (sent["name"], sent["roles"], sent["allowApprover"]) == ("CI", ["viewer"], False)
    left = datetime.fromisoformat(sent["expiresAt"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


def test_tokens_are_listed_and_revoked(shell: Shell) -> None:
    assert shell.baton("service-token", "list") == 0
    assert shell.out.splitlines()[1].split("\t") == [TOKEN["id"], "CI", "viewer", "2026-12-23T09:00:00Z"]

    assert shell.baton("service-token", "revoke", TOKEN["id"]) == 0
    assert shell.out == f"{TOKEN['id']} (CI) is revoked.\n"


@pytest.mark.parametrize("days", ["0", "367", "nan", "inf", "soon"])
def test_a_token_is_good_for_a_sensible_time(shell: Shell, days: str) -> None:
    assert shell.baton("service-token", "create", "CI", "--role", "viewer", "--days", days) == 2
    assert "is no number of days" in shell.err


def test_json_is_what_the_deployment_answered(shell: Shell) -> None:
    for words in (["members"], ["service-token", "list"]):
        assert shell.baton(*words, "--json") == 0
        assert len(json.loads(shell.out)) == 1
    assert shell.baton("service-token", "create", "CI", "--role", "viewer", "--days", "1", "--json") == 0
    assert json.loads(shell.out)["token"] == "baton_1_2"
