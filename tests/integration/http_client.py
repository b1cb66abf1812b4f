"""Sends one HTTP request and returns the answer, whatever its status is."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

from tests.integration.waiting import PATIENCE


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    headers: Message
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


def send(
    url: str,
    token: str | None = None,
    body: Any = None,
    *,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpAnswer:
    """Send a POST if there is a body, else a GET, or ``method``. A body that is not bytes is sent as JSON."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    if data is not None:
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return HttpAnswer(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return HttpAnswer(error.code, error.headers, error.read().decode())
