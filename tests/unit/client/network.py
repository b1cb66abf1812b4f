"""A fake network: it replies in order and records requests and pauses. No time passes."""

from __future__ import annotations

from typing import Any

import httpx

from baton_client import Client, exact_json
from tests.unit.client.answers import completed, is_without_json

Reply = httpx.Response | Exception


class ScriptedNetwork:
    """Replies in order; the last reply is repeated."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def client(self, **options: Any) -> Client:
        transport = httpx.MockTransport(self._answer)
        return Client("http://api.test/", "t", transport=transport, sleep=self.pauses.append, **options)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        content = reply.content
        if reply.extensions.get("is_partial") and is_without_json(request):
            return httpx.Response(204)
        if reply.extensions.get("is_partial"):
            content = exact_json.dumps(completed(request, exact_json.loads(content))).encode()
        return httpx.Response(reply.status_code, headers=_headers(reply), content=content)

    @property
    def request_lines(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]


def _headers(reply: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name != "content-length"}


def ok(content: str = "{}") -> httpx.Response:
    """A good answer. The network adds the fields that every answer to the request has."""
    headers = {"Content-Type": "application/json"}
    return httpx.Response(200, headers=headers, content=content, extensions={"is_partial": True})


def other_json(content: str, status: int = 200) -> httpx.Response:
    """JSON as it is, for example of another program."""
    return httpx.Response(status, headers={"Content-Type": "application/json"}, content=content)


def problem(status: int, **members: Any) -> httpx.Response:
    headers = {"Content-Type": "application/problem+json"}
    return httpx.Response(status, headers=headers, json={"status": status, **members})


def busy(**headers: str) -> httpx.Response:
    return httpx.Response(503, headers=headers, json={"message": "Service Unavailable"})
