"""The client's requests, and how it reads the answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from baton_client import (
    BadArgument,
    BadArgumentType,
    BatonClientError,
    Client,
    GatewayRefused,
    OrganizationMissing,
    Refused,
    RetryPolicy,
    Unreachable,
)
from baton_client.connection import is_this_machine
from tests.unit.client.calls import Call, arguments_of, calls, methods_of
from tests.unit.client.network import ScriptedNetwork, ok, other_json, problem

CALLS = calls()
WITHOUT_JSON = {"Members.remove", "Deliverables.content", "RunStream.read"}
CIRCLE: dict[str, Any] = {}
CIRCLE["itself"] = CIRCLE


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
        (httpx.Response(200, json=[1]), "answered 200 and JSON that is no object: is it"),
        (httpx.Response(200, json={"id": "1"}), "answered 200 and JSON without approvals, "),
        (httpx.Response(204), "answered 204 and no JSON"),
        (httpx.Response(404, json={"detail": "Not Found"}), r'answered 404 and {"detail":"Not Found"}: is it'),
        (httpx.Response(500, json=["message"]), r'answered 500 and \["message"\]'),
        (httpx.Response(502, html="<html>"), "answered 502 and no JSON"),
        (httpx.Response(200, content=b"[" * 100_000), "no JSON"),
    ],
)
def test_an_answer_of_another_program_is_unreachable(answer: httpx.Response, message: str) -> None:
    with pytest.raises(Unreachable, match=message) as unreachable:
        ScriptedNetwork(answer).client(retry_policy=RetryPolicy(0)).runs.get("r")
    assert unreachable.value.reason is None


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
@pytest.mark.parametrize("document", ["{}", '{"items": [], "status": 1}', "[1]", "7", "null"])
def test_no_method_takes_the_json_of_another_service(call: Call, document: str) -> None:
    if call.name in WITHOUT_JSON:
        return
    client = ScriptedNetwork(other_json(document)).client(organization="demo")
    method = dict(methods_of(client))[call.name]
    required = (call.answer_schema or {}).get("required", [])
    if document.startswith("{") and set(required) <= json.loads(document).keys():
        return  # it has all that the type requires
    with pytest.raises(Unreachable, match="is it a deployment of Baton"):
        method(**arguments_of(method))


@pytest.mark.parametrize(
    ("read", "document"),
    [
        (lambda client: list(client.runs.each()), '{"runs": 5, "nextCursor": null}'),
        (lambda client: list(client.runs.each()), '{"runs": [1], "nextCursor": null}'),
        (lambda client: client.members.list("demo"), '{"members": "none"}'),
        (lambda client: client.members.remove("u", organization="demo"), "{}"),
    ],
)
def test_a_list_is_a_list_of_objects(read: Callable[[Client], Any], document: str) -> None:
    with pytest.raises(Unreachable, match="is it a deployment of Baton"):
        read(ScriptedNetwork(other_json(document)).client())


@pytest.mark.parametrize(
    ("status", "name", "words"),
    [
        (413, "message", "Request Entity Too Large"),
        (429, "message", "Too Many Requests"),
        (500, "message", "Internal Server Error: Oh"),
        (403, "Message", "Forbidden"),
    ],
)
def test_the_gateways_refusal_has_its_status_and_message(status: int, name: str, words: str) -> None:
    message = words.rpartition(": ")[2]
    answer = other_json(json.dumps({name: message}), status)
    with pytest.raises(GatewayRefused) as refused:
        ScriptedNetwork(answer).client(retry_policy=RetryPolicy(0)).recovery.abort("r")
    error = refused.value
    assert (error.status, error.type, error.detail, str(error)) == (status, "about:blank", message, words)
    assert isinstance(error, Refused)


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ([{"message": "Oh"}], "No: It is not:\n  request: Oh"),
        (["Oh"], "No: It is not:\n  request: Oh"),
        ({"a": 1}, "No: It is not."),
        (None, "No: It is not."),
    ],
)
def test_a_problem_of_any_shape_has_a_message(errors: Any, message: str) -> None:
    with pytest.raises(Refused) as refused:
        ScriptedNetwork(problem(422, title="No", detail="It is not.", errors=errors)).client().runs.get("r")
    assert str(refused.value).replace(".:", ":") == message


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda client: client.runs.launch("kpi", idempotency_key="größe"), "idempotency_key"),
        (lambda client: client.runs.launch("kpi", idempotency_key="a\nb"), "idempotency_key"),
        (lambda client: client.runs.launch("kpi", {"rate": float("nan")}), "parameters.rate"),
        (lambda client: client.runs.launch("kpi", {"names": ["a", "\ud800"]}), r"parameters.names\[1\]"),
        (lambda client: client.runs.launch("kpi", CIRCLE), "contain themselves"),
        (lambda client: client.tasks.plan("desk", "kpi"), "organization"),
        (lambda client: client.runs.get(""), "run_id"),
        (lambda client: client.runs.get(".."), "run_id"),
        (lambda client: client.runs.get("\ud800"), "run_id"),
        (lambda client: client.runs.page(definition="\ud800"), "definition"),
        (lambda client: client.runs.page("c" * 70_000), "URL"),
        (lambda client: client.stream.open("r", "ö").read(), "last_event_id"),
    ],
)
def test_a_value_that_no_request_can_have_is_refused_before_sending(call: Callable[[Client], Any], name: str) -> None:
    network = ScriptedNetwork(ok())
    with pytest.raises(BadArgument, match=name) as refused:
        call(network.client(organization="größe" if name == "organization" else "demo"))
    assert isinstance(refused.value, ValueError)
    assert network.requests == []


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda client: client.runs.launch("kpi", {"start": date(2027, 1, 31)}), "parameters.start.* date"),
        (lambda client: client.runs.launch("kpi", {"names": {"a"}}), "parameters.names.* set"),
        (lambda client: client.runs.launch("kpi", {1: "a"}), "parameters"),
        (lambda client: client.runs.launch("kpi", idempotency_key=7), "idempotency_key"),
        (lambda client: client.runs.page(created_after=date(2027, 1, 31)), "createdAfter"),
        (lambda client: client.runs.get(None), "run_id"),
        (lambda client: client.members.put(7, ["viewer"]), "user_id"),
    ],
)
def test_a_type_that_no_request_can_have_is_refused_before_sending(call: Callable[[Client], Any], name: str) -> None:
    network = ScriptedNetwork(ok())
    with pytest.raises(BadArgumentType, match=name) as refused:
        call(network.client(organization="demo"))
    assert isinstance(refused.value, TypeError)
    assert network.requests == []


def test_if_nothing_answers_the_error_says_why() -> None:
    network = ScriptedNetwork(httpx.ConnectError("[Errno 111] Connection refused"))
    with pytest.raises(Unreachable) as unreachable:
        network.client().recovery.abort("r")
    assert str(unreachable.value) == "Nothing answers at http://api.test ([Errno 111] Connection refused)."
    assert (unreachable.value.url, unreachable.value.reason) == ("http://api.test", "[Errno 111] Connection refused")


@pytest.mark.parametrize(
    "url", ["http://api.test:port", "http://api.test/\n", "api.test", "localhost:8787", "ftp://api.test", "http://", ""]
)
def test_a_malformed_url_is_refused_by_the_constructor(url: str) -> None:
    with pytest.raises(BadArgument, match="^url "):
        Client(url, "t")


@pytest.mark.parametrize("token", ["größe", "a b", "a\n", ""])
def test_a_malformed_token_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(BadArgument, match="^token must be ASCII text without spaces and line ends.$"):
        Client("http://api.test", token)


def test_arguments_of_the_constructor_must_be_text() -> None:
    with pytest.raises(BadArgumentType, match="token must be text, not NoneType"):
        Client("http://api.test", None)  # type: ignore[arg-type]
    with pytest.raises(BadArgumentType, match="url must be text"):
        Client(None, "t")  # type: ignore[arg-type]


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
    text = "# Größe\r\n"
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()}"'
    headers = {"Content-Type": "text/markdown; charset=utf-8", "ETag": etag}
    markdown = httpx.Response(200, headers=headers, text=text)
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
    with pytest.raises(RuntimeError, match=r"The client is closed\."):
        client.health()


def test_a_body_is_compact_json_of_the_fields_that_are_not_none() -> None:
    network = ScriptedNetwork(ok())
    network.client().approvals.decide("a", "continue", notes="Größe")
    assert json.loads(network.requests[0].content) == {"decision": "continue", "notes": "Größe"}
    assert network.requests[0].headers["Content-Type"] == "application/json"
