"""Members over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import Conflict, Forbidden, NotFound

MEMBERS = "/organizations/demo/members"
BEN = "0b000000-0000-4000-8000-000000000002"


def test_members_are_listed(client: Any, function: Any, ids: Any) -> None:
    answer = client.get(MEMBERS)

    assert answer.status == 200
    assert answer.body == {
        "members": [
            {
                "userId": ids["anna"],
                "organization": "demo",
                "roles": ["viewer", "admin"],
                "createdAt": "2026-11-23T09:00:00Z",
            }
        ],
        "nextCursor": None,
    }


def test_a_new_member_answers_201_and_a_changed_one_200(client: Any, function: Any, ids: Any) -> None:
    assert client.ask("PUT", f"{MEMBERS}/{BEN}", {"roles": ["viewer"]}).status == 201
    assert client.ask("PUT", f"{MEMBERS}/{ids['anna'].upper()}", {"roles": ["viewer", "admin"]}).status == 200

    assert function.members.calls == [
        ("put", "demo", BEN, ["viewer"]),
        ("put", "demo", ids["anna"], ["viewer", "admin"]),
    ]


def test_a_removal_has_no_body(client: Any, function: Any) -> None:
    answer = client.ask("DELETE", f"{MEMBERS}/{BEN}")

    assert (answer.status, answer.body) == (204, None)
    assert function.members.calls == [("remove", "demo", BEN)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "roles"),
        ({"roles": []}, "roles"),
        ({"roles": "viewer"}, "roles"),
        ({"roles": ["owner"]}, "roles.0"),
        ({"roles": ["viewer"], "role": "admin"}, "role"),
    ],
)
def test_a_wrong_body_is_refused_by_its_field(client: Any, function: Any, body: Any, field: str) -> None:
    answer = client.ask("PUT", f"{MEMBERS}/{BEN}", body)

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)
    assert function.members.calls == []


@pytest.mark.parametrize("path", [f"{MEMBERS}/ben", f"/organizations/No/members/{BEN}"])
def test_a_text_that_is_no_id_is_not_found(client: Any, path: str) -> None:
    assert client.ask("DELETE", path).status == 404


@pytest.mark.parametrize(
    ("error", "status"), [(Forbidden("no"), 403), (NotFound("no"), 404), (Conflict("the last"), 409)]
)
def test_a_refusal_has_its_status(client: Any, function: Any, error: Any, status: int) -> None:
    function.members.fails_with = error

    assert client.ask("PUT", f"{MEMBERS}/{BEN}", {"roles": ["viewer"]}).status == status
    assert client.ask("DELETE", f"{MEMBERS}/{BEN}").status == status
