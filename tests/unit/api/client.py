"""The API, called as by API Gateway."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baton.api import routes
from tests.unit.api.fakes import FakeFunction


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


def http_event(method: str, path: str, body: str | None, headers: Mapping[str, str], query: Mapping[str, str]) -> Any:
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(headers),
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default", "requestId": "r1"},
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(query)
    if body is not None:
        event["body"] = body
    return event


class Client:
    """Calls the API with the events of API Gateway."""

    def __init__(self, function: FakeFunction) -> None:
        self._api = routes.build(function)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = "annas-token",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {**({"authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        answer = self._api.resolve(http_event(method, path, text, sent, query or {}), None)
        kept = {**answer["headers"], **{k: v[0] for k, v in answer.get("multiValueHeaders", {}).items()}}
        if answer.get("isBase64Encoded"):
            return Answer(answer["statusCode"], kept, base64.b64decode(answer["body"]))
        is_json = "json" in kept.get("Content-Type", "")
        return Answer(answer["statusCode"], kept, json.loads(answer["body"]) if is_json else answer.get("body"))

    def get(self, path: str, **options: Any) -> Answer:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> Answer:
        return self.ask("POST", path, body, **options)
