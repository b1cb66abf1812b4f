"""Calls every method of the client once, with all of its arguments, and records the requests."""

from __future__ import annotations

import hashlib
import inspect
import re
import types
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Union, Unpack, get_args, get_origin, get_type_hints, is_typeddict

import httpx

from baton_client import Client
from tests.unit.api.document import openapi_document

DOCUMENT = openapi_document()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS: dict[tuple[str, str], dict[str, Any]] = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
# Methods that send what other methods send.
DERIVED = {
    "Runs.each",
    "Approvals.each",
    "Stream.follow",
    "Stream.open",
    "Client.with_retry_policy",
    "Client.close",
    "Contents.fetch",
    "Contents.get",
    "Contents.read",
}
ID, MOMENT = "5d1e0000-0000-4000-8000-000000000001", "2027-01-31T12:00:00Z"
TEXT = {"run_id": ID, "approval_id": ID, "parent": ID, "decision": "continue", "path": "global",
        "expires_at": MOMENT, "created_after": MOMENT, "created_before": MOMENT,
        "webhook_id": ID, "delivery_id": ID}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One call of a method. ``operation`` is the document's operation for the request."""

    name: str
    method: Any
    request: httpx.Request
    operation: dict[str, Any]

    @property
    def operation_id(self) -> str:
        return str(self.operation["operationId"])

    @property
    def answer_schema(self) -> dict[str, Any] | None:
        return answer_schema(self.operation)


def calls() -> list[Call]:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return good_answer(operation_of(request))

    client = Client("http://api.test", "t", organization="demo", transport=httpx.MockTransport(answer))
    recorded_calls = []
    for name, method in [*methods_of(client), ("RunStream.read", client.stream.open(ID, 7).read)]:
        method(**arguments_of(method))
        recorded_calls.append(Call(name, method, requests[-1], operation_of(requests[-1])))
    assert len(recorded_calls) == len(requests)
    return recorded_calls


def methods_of(holder: Any) -> Iterator[tuple[str, Any]]:
    """The methods of the client and of all its nouns."""
    for name, method in inspect.getmembers(holder, inspect.ismethod):
        full_name = f"{type(holder).__name__}.{name}"
        if not name.startswith("_") and full_name not in DERIVED:
            yield full_name, method
    for name, noun in vars(holder).items():
        if not name.startswith("_") and type(noun).__module__.startswith("baton_client"):
            yield from methods_of(noun)


def arguments_of(method: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, hint in get_type_hints(method).items():
        if get_origin(hint) is Unpack:
            arguments |= {key: example(key, kind) for key, kind in get_type_hints(get_args(hint)[0]).items()}
        elif name != "return":
            arguments[name] = example(name, hint)
    return arguments


def example(name: str, hint: Any) -> Any:
    """A valid argument."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = get_args(hint)[0]
    if is_typeddict(hint):
        return {key: example(key, kind) for key, kind in get_type_hints(hint).items()}
    if get_origin(hint) in (Iterable, Sequence):
        return [example(name, get_args(hint)[0])]
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if hint in (bool, int):
        return hint(7)
    if hint is str:
        return TEXT.get(name, "some-name")
    return {"a": Decimal("1.10")}


def operation_of(request: httpx.Request) -> dict[str, Any]:
    for (method, template), operation in OPERATIONS.items():
        pattern = re.sub(r"{\w+}", f"({ID}|some-name|demo|global)", template)
        if method == request.method and re.fullmatch(pattern, request.url.path):
            return operation
    raise AssertionError(f"no operation answers {request.method} {request.url.path}")


def answer_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of the JSON of a successful answer; None if that has no JSON."""
    for status, response in operation["responses"].items():
        if status < "300" and "application/json" in response.get("content", {}):
            schema: dict[str, Any] = response["content"]["application/json"]["schema"]
            return SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return None


def good_answer(operation: dict[str, Any]) -> httpx.Response:
    """A successful answer with an empty list in each field, or without a body."""
    schema = answer_schema(operation)
    if schema is None:
        return httpx.Response(204)
    answer = httpx.Response(200, json={name: [] for name in schema.get("properties", {})})
    if "206" in operation["responses"]:
        answer.headers["ETag"] = f'"{hashlib.sha256(answer.content).hexdigest()}"'
    return answer
