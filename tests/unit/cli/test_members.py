"""`baton members` and `baton service-token`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.cli.conftest import END_OF_STREAM, Shell

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
        f"DELETE {MEMBERS}/{BEN}": [END_OF_STREAM],
        f"GET {TOKENS}": [{"serviceTokens": [TOKEN]}],
        f"POST {TOKENS}": [{**TOKEN, "token": "baton_1_2"}],
        f"DELETE {TOKENS}/{TOKEN['id']}": [{**TOKEN, "revokedAt": "2026-11-24T09:00:00Z"}],
    }


def test_members_are_shown_as_a_table(shell: Shell) -> None:
    assert shell.baton("members") == 0

    assert shell.out.splitlines()[1].split("\t") == [BEN, "viewer, admin", "2026-11-23T09:00:00Z"]


def test_a_member_is_set_with_exactly_these_roles(shell: Shell) -> None:
    assert shell.baton("members", "set", BEN, "--role", "viewer", "--role", "admin") == 0

    assert shell.api.body_of(f"PUT {MEMBERS}/{BEN}") == {"roles": ["admin", "viewer"]}
    assert shell.out == f"{BEN} is viewer, admin in demo.\n"


def test_a_member_is_removed(shell: Shell) -> None:
    assert shell.baton("members", "remove", BEN) == 0
    assert shell.out == f"{BEN} is no longer a member of demo.\n"

    assert shell.baton("members", "remove", BEN, "--json") == 0
    assert json.loads(shell.out) == {"userId": BEN, "organization": "demo", "removed": True}


@pytest.mark.parametrize("words", [["set", BEN], ["set", BEN, "--role", "owner"], ["remove"]])
def test_wrong_arguments_send_no_request(shell: Shell, words: list[str]) -> None:
    assert shell.baton("members", *words) == 2
    assert shell.api.requests == []


def test_standard_output_has_only_the_new_token(shell: Shell) -> None:
    assert shell.baton("service-token", "create", "CI", "--role", "viewer", "--days", "30") == 0

    assert shell.out == "baton_1_2\n"
    assert TOKEN["id"] in shell.err
    sent = shell.api.body_of(f"POST {TOKENS}")
    assert (sent["name"], sent["roles"], sent["allowApprover"]) == ("CI", ["viewer"], False)
    lifetime = datetime.fromisoformat(sent["expiresAt"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < lifetime <= timedelta(days=30)


def test_tokens_are_listed_and_revoked(shell: Shell) -> None:
    assert shell.baton("service-token", "list") == 0
    assert shell.out.splitlines()[1].split("\t") == [TOKEN["id"], "CI", "viewer", "2026-12-23T09:00:00Z"]

    assert shell.baton("service-token", "revoke", TOKEN["id"]) == 0
    assert shell.out == f"{TOKEN['id']} (CI) is revoked.\n"


@pytest.mark.parametrize("days", ["0", "367", "nan", "inf", "soon"])
def test_a_tokens_days_must_be_above_0_and_at_most_366(shell: Shell, days: str) -> None:
    assert shell.baton("service-token", "create", "CI", "--role", "viewer", "--days", days) == 2
    assert "is not a number of days" in shell.err


def test_json_is_the_deployments_answer(shell: Shell) -> None:
    for words in (["members"], ["service-token", "list"]):
        assert shell.baton(*words, "--json") == 0
        assert len(json.loads(shell.out)) == 1
    assert shell.baton("service-token", "create", "CI", "--role", "viewer", "--days", "1", "--json") == 0
    assert json.loads(shell.out)["token"] == "baton_1_2"
