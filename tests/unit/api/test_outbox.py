"""Failed effects over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import Forbidden, NotFound

OUTBOX = "/orchestrations/outbox"


def test_a_failed_effect_is_shown_without_its_payload(client: Any, function: Any, ids: Any) -> None:
    answer = client.get(OUTBOX)

    assert answer.status == 200
    assert answer.body["effects"][1] == {
        "id": ids["effect"],
        "runId": ids["run"],
        "organization": "demo",
        "kind": "start",
        "failures": 5,
        "stuck": True,
        "lastError": "ConnectionError: no answer",
        "nextTryAt": "2026-11-23T09:00:00Z",
        "createdAt": "2026-11-23T09:00:00Z",
    }
    assert function.manage_outbox.calls == [{"organization": None, "failures": 1, "limit": 100}]


def test_an_effect_with_four_failures_is_not_stuck(client: Any) -> None:
    assert [effect["stuck"] for effect in client.get(OUTBOX).body["effects"]] == [False, True]


def test_the_list_can_be_narrowed(client: Any, function: Any) -> None:
    client.get(OUTBOX, query={"organization": "demo", "failures": "5", "limit": "7"})

    assert function.manage_outbox.calls == [{"organization": "demo", "failures": 5, "limit": 7}]


@pytest.mark.parametrize("query", [{"failures": "0"}, {"failures": "often"}, {"limit": "501"}, {"kind": "start"}])
def test_an_invalid_query_is_refused(client: Any, query: dict[str, str]) -> None:
    answer = client.get(OUTBOX, query=query)

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == next(iter(query))


def test_one_effect_is_redriven(client: Any, function: Any, ids: Any) -> None:
    answer = client.ask("POST", f"{OUTBOX}/{ids['effect']}/redrive")

    assert (answer.status, answer.body["id"]) == (200, ids["effect"])
    assert function.manage_outbox.calls == [{"effect_id": ids["effect"]}]


def test_all_effects_are_redriven(client: Any, function: Any) -> None:
    assert client.ask("POST", f"{OUTBOX}/redrive").body == {"redriven": 2}
    assert client.post(f"{OUTBOX}/redrive", {"organization": "demo"}).body == {"redriven": 2}

    assert function.manage_outbox.calls == [{"organization": None}, {"organization": "demo"}]


@pytest.mark.parametrize("path", [f"{OUTBOX}/redrive", f"{OUTBOX}/{{effect}}/redrive"])
def test_a_field_that_is_not_known_is_refused(client: Any, function: Any, ids: Any, path: str) -> None:
    answer = client.post(path.format(**ids), {"failures": 3})

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "failures")
    assert function.manage_outbox.calls == []


def test_an_effect_that_is_no_uuid_is_not_found(client: Any) -> None:
    assert client.post(f"{OUTBOX}/1/redrive", {}).status == 404


@pytest.mark.parametrize(("error", "status"), [(Forbidden("no"), 403), (NotFound("no"), 404)])
def test_a_caller_without_the_role_sees_nothing(client: Any, function: Any, ids: Any, error: Any, status: int) -> None:
    function.manage_outbox.fails_with = error

    assert client.get(OUTBOX).status == status
    assert client.post(f"{OUTBOX}/redrive", {}).status == status
    assert client.post(f"{OUTBOX}/{ids['effect']}/redrive", {}).status == status
