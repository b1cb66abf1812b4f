"""The client's requests, and how it reads the answers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from baton_client import BatonClientError, Client, OrganizationMissing, Refused, Unreachable
from baton_client.connection import is_this_machine
from tests.unit.client.network import ScriptedNetwork, ok, problem


def test_a_request_has_the_token_and_quotes_the_segments_of_its_path() -> None:
    network = ScriptedNetwork(ok())
    network.client().runs.get("a/b?c é")
    [request] = network.requests
    assert network.request_lines == ["GET /orchestrations/runs/a%2Fb%3Fc%20%C3%A9"]
    assert request.headers["Authorization"] == "Bearer t"


def test_a_query_has_only_the_arguments_that_are_not_none() -> None:
    network = ScriptedNetwork(ok('{"approvals": [], "nextCursor": null}'))
    network.client().approvals.page(mine=True, status=None)
    assert network.request_lines == ["GET /orchestrations/approvals?mine=true"]


def test_numbers_keep_their_digits_in_answers_and_requests() -> None:
    network = ScriptedNetwork(ok('{"results": {"value": 1.10, "count": 12345678901234567890}}'))
    results = network.client().runs.get("r")["results"]
    assert (str(results["value"]), results["count"]) == ("1.10", 12345678901234567890)
    network.client().recovery.retry("r", modifications={"limit": Decimal("0.10")})
    assert network.requests[-1].content == b'{"modifications":{"limit":0.10}}'


def test_each_reads_all_pages_of_a_list() -> None:
    pages = ['{"runs": [{"id": "1"}, {"id": "2"}], "nextCursor": "c"}', '{"runs": [{"id": "3"}], "nextCursor": null}']
    network = ScriptedNetwork(*map(ok, pages))
    assert [run["id"] for run in network.client().runs.each(lifecycle="open")] == ["1", "2", "3"]
    assert network.request_lines == [
        "GET /orchestrations/runs?lifecycle=open",
        "GET /orchestrations/runs?lifecycle=open&cursor=c",
    ]


def test_the_clients_organisation_is_the_default() -> None:
    network = ScriptedNetwork(ok('{"members": []}'))
    network.client(organization="acme").members.list()
    network.client(organization="acme").members.list("other")
    assert network.request_lines == ["GET /organizations/acme/members", "GET /organizations/other/members"]
    with pytest.raises(OrganizationMissing):
        network.client().members.list()


@pytest.mark.parametrize(
    ("options", "path", "header"),
    [({"organization": "acme"}, "global", "acme"), ({"organization": "acme"}, "acme", None), ({}, "global", None)],
)
def test_a_task_for_a_global_agent_names_the_organisation(
    options: dict[str, str], path: str, header: str | None
) -> None:
    network = ScriptedNetwork(ok())
    network.client(**options).tasks.plan("desk", "kpi", path=path)
    assert network.requests[0].headers.get("Baton-Organization") == header


def test_a_problem_is_raised_with_its_members() -> None:
    field = {"field": "parameters.grouping", "message": "must be day or week"}
    answer = problem(422, type="urn:x", title="Not valid", detail="It is not: parameters.grouping: must be day or week",
                     errors=[field])  # fmt: skip
    with pytest.raises(Refused) as error_info:
        ScriptedNetwork(answer).client().runs.launch("kpi", organization="demo")
    error = error_info.value
    assert (error.status, error.type, error.title, error.errors) == (422, "urn:x", "Not valid", [field])
    assert error.detail.endswith("day or week")
    assert str(error) == "Not valid: It is not:\n  parameters.grouping: must be day or week"
    assert isinstance(error, BatonClientError)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.Response(200, html="<html>"), "answered 200 and no JSON: is it a deployment of Baton?"),
        (httpx.Response(301, headers={"Location": "http://other.test/"}), "answered 301 and no JSON"),
        (httpx.Response(500, json={"message": "Oh"}), r'answered 500: {"message":"Oh"}'),
    ],
)
def test_an_answer_of_another_program_is_unreachable(answer: httpx.Response, message: str) -> None:
    with pytest.raises(Unreachable, match=message) as unreachable:
        ScriptedNetwork(answer).client().runs.get("r")
    assert unreachable.value.reason is None


def test_if_nothing_answers_the_error_says_why() -> None:
    network = ScriptedNetwork(httpx.ConnectError("[Errno 111] Connection refused"))
    with pytest.raises(Unreachable) as unreachable:
        network.client().recovery.abort("r")
    assert str(unreachable.value) == "Nothing answers at http://api.test ([Errno 111] Connection refused)."
    assert (unreachable.value.url, unreachable.value.reason) == ("http://api.test", "[Errno 111] Connection refused")


@pytest.mark.parametrize("url", ["http://api.test:port", "http://api.test/\n"])
def test_a_malformed_url_is_refused_by_the_constructor(url: str) -> None:
    with pytest.raises(Unreachable, match="No requests can be sent to"):
        Client(url, "t")


def test_a_launch_has_a_new_key_or_the_callers_key() -> None:
    network = ScriptedNetwork(ok())
    client = network.client(organization="demo")
    client.runs.launch("kpi")
    client.runs.launch("kpi")
    client.runs.launch("kpi", idempotency_key="mine")
    first, second, named = (request.headers["Idempotency-Key"] for request in network.requests)
    assert first != second
    assert named == "mine"


def test_the_content_of_a_deliverable_is_unchanged_text() -> None:
    markdown = httpx.Response(200, headers={"Content-Type": "text/markdown; charset=utf-8"}, text="# Größe\r\n")
    assert ScriptedNetwork(markdown).client().deliverables.content("d") == "# Größe\r\n"
    with pytest.raises(Refused):
        ScriptedNetwork(problem(404)).client().deliverables.content("d")


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("a.test", False),
    ],
)
def test_addresses_of_this_machine_are_recognised(host: str, is_ours: bool) -> None:
    assert is_this_machine(host) is is_ours


@pytest.mark.parametrize(("url", "proxied_hosts"), [("http://127.0.0.1:9", []), ("http://api.test", ["api.test"])])
def test_the_environments_proxy_is_not_used_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str, proxied_hosts: list[str]
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:8080")
    monkeypatch.delenv("NO_PROXY", raising=False)
    hosts: list[Any] = []

    def refuse(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if getattr(self._pool, "_proxy_url", None):
            hosts.append(request.url.host)
        raise httpx.ConnectError("no network here")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)
    with pytest.raises(Unreachable):
        Client(url, "t").recovery.abort("r")
    assert hosts == proxied_hosts


def test_the_client_closes_its_connections() -> None:
    with ScriptedNetwork(ok()).client() as client:
        client.health()
    with pytest.raises(RuntimeError):
        client.health()


def test_a_body_is_compact_json_of_the_fields_that_are_not_none() -> None:
    network = ScriptedNetwork(ok())
    network.client().approvals.decide("a", "continue", notes="Größe")
    assert json.loads(network.requests[0].content) == {"decision": "continue", "notes": "Größe"}
    assert network.requests[0].headers["Content-Type"] == "application/json"
