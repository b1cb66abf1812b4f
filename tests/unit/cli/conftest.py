"""Runs the command against a fake API, which answers by method and path, in order, and records requests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from baton_client import Client
from cli import command as command_module
from cli import main as main_module
from cli.settings import client_of
from tests.unit.client.answers import completed, completed_event

RUN = "5d1e0000-0000-4000-8000-000000000001"
DELIVERABLE = "de100000-0000-4000-8000-000000000001"
APPROVAL = "a9900000-0000-4000-8000-000000000001"
EXECUTION = {"arn": f"arn:aws:states:eu-west-1:210987654321:execution:baton-kpi-tracking:{RUN}-1", "consoleUrl": None}
DEFINITION: dict[str, Any] = {
    "name": "kpi-tracking",
    "parameters": [
        {"name": "kpi_names", "type": "string[]"},
        {"name": "start_date", "type": "date"},
        {"name": "grouping", "type": "string"},
    ],
}
OPTIONS = [{"action": action, "label": action} for action in ("continue", "retry", "abort")]
ROWS = (
    '[{"kpi":"revenue","unit":"USD","period":"2024-08-01","value":1234567.10},'
    '{"kpi":"revenue","unit":"USD","period":"2024-07-01","value":-0.005},'
    '{"kpi":"margin","unit":"ratio","period":"2024-07-01","value":null}]'
)


def a_step(status: str, attempt: int = 1) -> dict[str, Any]:
    return {"id": "fetch", "name": "Fetch", "status": status, "agent": "supabase-agent", "attemptNumber": attempt,
            "error": None, "dependsOn": []}  # fmt: skip


def a_run(status: str, **changes: Any) -> dict[str, Any]:
    pending = [{"id": APPROVAL, "runId": RUN, "stepId": "fetch", "question": "Right?", "options": OPTIONS}]
    return {
        "id": RUN,
        "status": status,
        "organization": "demo",
        "definition": {"name": "kpi-tracking", "version": "1.0.0"},
        "execution": EXECUTION,
        "error": None,
        "rootRunId": RUN,
        "parentRunId": None,
        "steps": [a_step(status)],
        "pendingApprovals": pending if status == "checkpoint" else [],
        "deliverables": [],
        **changes,
    }


def a_deliverable(content: str = ROWS, kind: str = "json", **changes: Any) -> dict[str, Any]:
    return {"id": DELIVERABLE, "stepId": "fetch", "attemptNumber": 1, "format": kind, "name": None, "title": "KPI data",
            "metadata": {"sql": "select 1"}, "content": content, **changes}  # fmt: skip


def an_approval(deliverable: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The API's answer to GET of one approval."""
    return {"id": APPROVAL, "runId": RUN, "stepId": "fetch", "status": "pending", "question": "Right?",
            "options": OPTIONS, "decision": None, "notes": None, "closedReason": None,
            "data": {"deliverable": deliverable, "outputs": {"rows": 3}}, **changes}  # fmt: skip


def an_event(sequence: int, name: str, **data: Any) -> dict[str, Any]:
    return completed_event(
        {"sequence": sequence, "type": f"orchestration.{name}", "time": "2026-11-23T09:00:01Z", "data": data}
    )


def an_answer(status: int, content_type: str, text: str) -> httpx.Response:
    return httpx.Response(status, headers={"Content-Type": content_type}, content=text)


def a_stream_answer(*events: dict[str, Any]) -> httpx.Response:
    """One answer of the stream; the client asks again immediately."""
    blocks = [f"id: {event['sequence']}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
    return an_answer(200, "text/event-stream", "".join(["retry: 0\n\n", *blocks]))


END_OF_STREAM = httpx.Response(204)


@dataclass
class FakeApi:
    """``answers["GET /path"]`` are the answers to these requests, in order. The last one is repeated."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    requests: list[tuple[str, Any]] = field(default_factory=list)
    last_event_ids: list[str | None] = field(default_factory=list)

    def send(self, request: httpx.Request) -> httpx.Response:
        line = f"{request.method} {request.url.raw_path.decode()}"
        path = request.url.raw_path.decode().partition("?")[0]
        self.requests.append((line, json.loads(request.content) if request.content else None))
        if path.endswith("/status/stream"):
            self.last_event_ids.append(request.headers.get("Last-Event-ID"))
        replies = self.answers[f"{request.method} {path}"]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, httpx.Response):
            etag = f'"{hashlib.sha256(reply.content).hexdigest()}"'  # raw contents have one
            return httpx.Response(reply.status_code, headers={**reply.headers, "ETag": etag}, content=reply.content)
        if isinstance(reply.get("status"), int):
            return an_answer(reply["status"], "application/problem+json", json.dumps(reply))
        return an_answer(200, "application/json", json.dumps(completed(request, reply)))

    def body_of(self, line: str) -> Any:
        """The body of the only request with this method and path."""
        [body] = [body for request, body in self.requests if request == line]
        return body


@dataclass
class Shell:
    """Runs the command. ``out`` and ``err`` are the output of the last call."""

    api: FakeApi
    capsys: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    def baton(self, *words: str, environ: dict[str, str] | None = None) -> int:
        settings = {"BATON_URL": "http://api.test", "BATON_TOKEN": "t", "BATON_ORG": "demo"}
        try:
            code = main_module.main(words, settings if environ is None else environ)
        except SystemExit as error:
            code = int(error.code or 0)
        self.out, self.err = self.capsys.readouterr()
        return code


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    api = FakeApi()

    def client_of_fake_api(settings: Mapping[str, str]) -> Client:
        return client_of(settings, httpx.MockTransport(api.send))

    monkeypatch.setattr(command_module, "client_of", client_of_fake_api)
    return api


@pytest.fixture
def shell(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(api, capsys)
