"""The settings of an organisation over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import FieldProblem, Forbidden, Invalid, NotFound

DEMO = "/organizations/demo"


def test_an_organisation_has_its_time_zone_and_its_launcher(client: Any, function: Any, ids: Any) -> None:
    answer = client.get(DEMO)

    assert answer.status == 200
    assert answer.body["timeZone"] == "Europe/Berlin"
    assert answer.body["launcher"] == {
        "userId": answer.body["launcher"]["userId"],
        "roles": ["operator"],
        "allowedBy": ids["anna"],
        "allowedAt": "2026-11-23T09:00:00Z",
    }
    assert function.organizations.calls == [("show", "demo")]


def test_the_settings_are_changed_each_by_its_path(client: Any, function: Any) -> None:
    assert client.ask("PUT", f"{DEMO}/time-zone", {"timeZone": "Asia/Tokyo"}).status == 200
    assert client.ask("PUT", f"{DEMO}/launcher").body["launcher"] is not None
    assert client.ask("DELETE", f"{DEMO}/launcher").body["launcher"] is None

    assert function.organizations.calls == [
        ("put time zone", "demo", "Asia/Tokyo"),
        ("allow launches", "demo"),
        ("forbid launches", "demo"),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "timeZone"),
        ({"timeZone": ""}, "timeZone"),
        ({"timeZone": 1}, "timeZone"),
        ({"timezone": "UTC"}, "timezone"),
    ],
)
def test_a_wrong_time_zone_is_refused_by_its_field(client: Any, function: Any, body: Any, field: str) -> None:
    answer = client.ask("PUT", f"{DEMO}/time-zone", body)

    assert answer.status == 422
    assert field in [error["field"] for error in answer.body["errors"]]
    assert function.organizations.calls == []


@pytest.mark.parametrize(
    ("error", "status"),
    [(Forbidden("no"), 403), (NotFound("no"), 404), (Invalid("no", [FieldProblem("timeZone", "unknown")]), 422)],
)
def test_a_refusal_has_its_status(client: Any, function: Any, error: Any, status: int) -> None:
    function.organizations.fails_with = error

    assert client.get(DEMO).status == status
    assert client.ask("PUT", f"{DEMO}/time-zone", {"timeZone": "UTC"}).status == status
    assert client.ask("PUT", f"{DEMO}/launcher").status == status
    assert client.ask("DELETE", f"{DEMO}/launcher").status == status
