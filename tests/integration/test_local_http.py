"""The stack's HTTP server behaves like an HTTP API of AWS."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.http import HttpServer, PortTaken
from local.runtime import InvocationResult
from local.template import Route

ROUTES = [
    Route("ANY", "$default", "rest"),
    Route("GET", "/things/{id}", "thing"),
    Route("GET", "/things/new", "new"),
    Route("ANY", "/files/{path+}", "files"),
]
CORS = {
    "allowOrigins": ["https://app.example"],
    "allowMethods": ["GET"],
    "allowHeaders": ["authorization"],
    "exposeHeaders": ["location"],
    "maxAge": 9,
}


class FakeFunctions:
    """Answers with ``answer`` or ``error``, and records the last call."""

    def __init__(self) -> None:
        self.answer: Any = {"statusCode": 200, "body": "ok"}
        self.error = ""
        self.name = ""
        self.event: dict[str, Any] = {}

    def invoke(self, name: str, event: str) -> InvocationResult:
        self.name, self.event = name, json.loads(event)
        if self.error:
            return InvocationResult(json.dumps({"errorType": self.error}), is_error=True)
        return InvocationResult(json.dumps(self.answer))


@pytest.fixture
def functions() -> FakeFunctions:
    return FakeFunctions()


@pytest.fixture
def server(functions: FakeFunctions) -> Iterator[HttpServer]:
    server = HttpServer(0)
    server.serve(ROUTES, CORS, functions.invoke, {"keys": ["public"]})
    yield server
    server.close()


def send(
    server: HttpServer, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


@pytest.mark.parametrize(
    ("method", "path", "function", "key", "parameters"),
    [
        ("GET", "/things/7", "thing", "GET /things/{id}", {"id": "7"}),
        ("GET", "/things/new", "new", "GET /things/new", None),
        ("PUT", "/files/a/b", "files", "ANY /files/{path+}", {"path": "a/b"}),
        ("POST", "/things/7", "rest", "$default", None),
        ("GET", "/a%0Ab", "rest", "$default", None),
    ],
)
def test_the_most_specific_route_is_taken(
    server: HttpServer, functions: FakeFunctions, method: str, path: str, function: str, key: str, parameters: Any
) -> None:
    send(server, method, path)
    assert functions.name == function
    assert functions.event["routeKey"] == key
    assert functions.event.get("pathParameters") == parameters


def test_an_event_has_the_form_of_payload_2(server: HttpServer, functions: FakeFunctions) -> None:
    headers = {"X-Trace": "Abc", "Cookie": "a=1; b=2", "Content-Type": "application/json"}
    send(server, "POST", "/x?one=1&one=2&two=a%20b", b'{"a": 1}', headers)
    event = functions.event
    assert event["version"] == "2.0"
    assert event["rawPath"] == "/x"
    assert event["rawQueryString"] == "one=1&one=2&two=a%20b"
    assert event["queryStringParameters"] == {"one": "1,2", "two": "a b"}
    assert event["headers"]["x-trace"] == "Abc"
    assert "cookie" not in event["headers"]
    assert event["cookies"] == ["a=1", "b=2"]
    assert (event["body"], event["isBase64Encoded"]) == ('{"a": 1}', False)
    assert event["requestContext"]["http"]["method"] == "POST"


def test_an_answer_has_the_id_of_its_request(server: HttpServer, functions: FakeFunctions) -> None:
    response, _ = send(server, "GET", "/x")
    assert response.headers["apigw-requestid"] == functions.event["requestContext"]["requestId"]


def test_a_binary_body_is_sent_in_base64(server: HttpServer, functions: FakeFunctions) -> None:
    send(server, "POST", "/x", b"\xff\x00")
    assert (functions.event["body"], functions.event["isBase64Encoded"]) == ("/wA=", True)


def test_an_answer_keeps_status_headers_cookies_and_body(server: HttpServer, functions: FakeFunctions) -> None:
    functions.answer = {
        "statusCode": 201,
        "headers": {"Location": "/x/1", "content-type": "application/problem+json"},
        "cookies": ["a=1", "b=2"],
        "body": "/wA=",
        "isBase64Encoded": True,
    }
    response, content = send(server, "POST", "/x")
    assert (response.status, content) == (201, b"\xff\x00")
    assert response.headers["location"] == "/x/1"
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_an_answer_without_a_status_is_the_body(server: HttpServer, functions: FakeFunctions) -> None:
    functions.answer = {"plain": True}
    response, content = send(server, "GET", "/x")
    assert (response.status, json.loads(content)) == (200, {"plain": True})


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [("KeyError", 500, "Internal Server Error"), ("Sandbox.Timedout", 503, "Service Unavailable")],
)
def test_the_answer_to_a_failed_function_does_not_show_the_error(
    server: HttpServer, functions: FakeFunctions, error: str, status: int, message: str
) -> None:
    functions.error = error
    response, content = send(server, "GET", "/x")
    assert (response.status, json.loads(content)) == (status, {"message": message})


def test_a_path_without_a_route_is_not_found(functions: FakeFunctions) -> None:
    server = HttpServer(0)
    server.serve([Route("GET", "/here", "here")], None, functions.invoke, {})
    response, content = send(server, "GET", "/elsewhere")
    server.close()
    assert (response.status, json.loads(content)) == (404, {"message": "Not Found"})


def test_a_preflight_is_answered_without_a_function(server: HttpServer, functions: FakeFunctions) -> None:
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    response, _ = send(server, "OPTIONS", "/x", headers=headers)
    assert response.status == 204
    assert response.headers["access-control-allow-origin"] == "https://app.example"
    assert response.headers["access-control-expose-headers"] == "location"
    assert response.headers["access-control-allow-methods"] == "GET"
    assert functions.event == {}


def test_another_origin_is_not_allowed(server: HttpServer) -> None:
    response, _ = send(server, "GET", "/x", headers={"Origin": "https://evil.example"})
    assert response.headers["access-control-allow-origin"] is None


def test_the_issuers_keys_are_public(server: HttpServer) -> None:
    response, content = send(server, "GET", "/auth/v1/.well-known/jwks.json")
    assert (response.status, json.loads(content)) == (200, {"keys": ["public"]})


def test_a_taken_port_is_refused_in_one_line(server: HttpServer) -> None:
    with pytest.raises(PortTaken, match=r"port \d+ cannot be used .*BATON_PORT"):
        HttpServer(int(server.url.rpartition(":")[2]))


@pytest.mark.parametrize("error", ["KeyError", "Sandbox.Timedout"])
def test_while_the_stack_stops_an_error_closes_the_connection(
    server: HttpServer, functions: FakeFunctions, error: str
) -> None:
    """An EventSource reconnects after a lost connection, but not after an error."""
    server.start_draining()
    assert send(server, "GET", "/x")[0].status == 200
    functions.error = error
    with pytest.raises(http.client.RemoteDisconnected):
        send(server, "GET", "/x")
    functions.answer = {"statusCode": "none"}  # malformed, so that the server itself fails
    functions.error = ""
    with pytest.raises(http.client.RemoteDisconnected):
        send(server, "GET", "/x")
