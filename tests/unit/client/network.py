"""A fake network: it replies in order and records requests and pauses. No time passes."""

from __future__ import annotations

from typing import Any

import httpx

from baton_client import Client

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
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    @property
    def request_lines(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]


def ok(content: str = "{}") -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "application/json"}, content=content)


def problem(status: int, **members: Any) -> httpx.Response:
    headers = {"Content-Type": "application/problem+json"}
    return httpx.Response(status, headers=headers, json={"status": status, **members})


def busy(**headers: str) -> httpx.Response:
    return httpx.Response(503, headers=headers, json={"message": "Service Unavailable"})
