"""One line of JSON for each invocation of a function."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from baton import invocation, logs
from cli.checkout import ROOT

APPS = sorted((ROOT / "functions").glob("*/app.py"))
SERVICES = [app.parent.name.replace("_", "-") for app in APPS]  # as the template names them
RUN, REQUEST = "6f1d0a52-5c0e-4c55-9a0b-0d4a3f2b8f10", "b1b5c4c2-6a0f-4f0e-8a9e-0d8a7f6e5d4c"
TASK = {
    "action": "run", "run_id": RUN, "step_id": "fetch", "item_index": 3, "generation": 2, "token": "AQ-secret",
    "execution": "arn", "digest": "d",
}  # fmt: skip
HTTP = {
    "rawPath": f"/agent-to-agent/acme/desk/runs/{RUN}/status",
    "rawQueryString": "ticket=secret",
    "headers": {"authorization": "Bearer secret"},
    "body": "secret",
    "requestContext": {"requestId": "Zx=", "http": {"method": "GET"}},
}


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)  # loggers are cached by this name
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")


def written(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def call(handler: logs.Handler, event: Any) -> Any:
    return handler(event, SimpleNamespace(aws_request_id=REQUEST))


def answers(answer: Any) -> logs.Handler:
    return logs.logged(lambda event, context: answer)


def test_a_line_has_the_names_and_numbers_of_its_step(capsys: pytest.CaptureFixture[str]) -> None:
    @logs.logged
    def handler(event: Any, context: Any) -> dict[str, Any]:
        invocation.tell(attempt=4, organization="acme")
        return {"outputs": "secret"}

    call(handler, TASK)
    call(handler, TASK)
    first, second = written(capsys)
    assert first.items() >= {
        "message": "invocation", "run": RUN, "step": "fetch[3]", "generation": 2, "attempt": 4, "action": "run",
        "organization": "acme", "request": REQUEST, "cold_start": True, "level": "INFO",
    }.items()  # fmt: skip
    assert isinstance(first["duration_ms"], int)
    assert second["cold_start"] is False


@pytest.mark.parametrize("event", [TASK, HTTP])
def test_a_line_has_no_token_and_no_sent_text(capsys: pytest.CaptureFixture[str], event: Any) -> None:
    call(answers({"statusCode": 200, "body": "secret"}), event)
    assert "secret" not in capsys.readouterr().out


def test_a_line_has_the_run_organisation_and_status_of_its_request(capsys: pytest.CaptureFixture[str]) -> None:
    call(answers({"statusCode": 404}), HTTP)
    (line,) = written(capsys)
    fields = {name: line[name] for name in ("run", "organization", "method", "status", "api_request")}
    assert fields == {"run": RUN, "organization": "acme", "method": "GET", "status": 404, "api_request": "Zx="}
    assert "step" not in line


def test_a_line_has_the_name_of_an_exception_without_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    @logs.logged
    def handler(event: Any, context: Any) -> None:
        raise LookupError("secret")

    with pytest.raises(LookupError):
        call(handler, {"run": {"id": RUN, "stepId": "x", "attemptNumber": 1}, "organization": "acme"})
    (line,) = written(capsys)
    assert (line["error"], line["run"], line["step"], line["attempt"]) == ("LookupError", RUN, "x", 1)
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize("text", ['x\n{"message": "invocation", "run": "forged"}', "x\u2028y", "x\x85y", "x\x1b[2Ky"])
def test_no_text_makes_a_line_of_its_own(capsys: pytest.CaptureFixture[str], text: str) -> None:
    call(answers({}), {"run": {"id": text}, "organization": text * 1000})
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1
    assert out.isascii()
    assert json.loads(out)["run"] == text
    assert len(json.loads(out)["organization"]) == invocation.MAX_VALUE_CHARACTERS


def test_a_line_has_the_run_of_an_ended_execution(capsys: pytest.CaptureFixture[str]) -> None:
    arn = f"arn:aws:states:eu-central-1:1:execution:baton-kpi-tracking:{RUN}-3"
    call(answers({}), {"detail": {"executionArn": arn, "status": "FAILED"}})
    (line,) = written(capsys)
    assert (line["run"], line["generation"]) == (RUN, 3)


def test_a_line_has_the_run_and_step_of_a_decision(capsys: pytest.CaptureFixture[str]) -> None:
    @logs.logged
    def handler(event: Any, context: Any) -> None:
        invocation.tell(step="fetch", attempt=None)

    call(handler, {"decide": {"run_id": RUN, "approval_id": REQUEST, "notes": "secret"}})
    (line,) = written(capsys)
    assert (line["run"], line["approval"], line["step"]) == (RUN, REQUEST, "fetch")
    assert "attempt" not in line


def test_an_event_of_another_shape_has_a_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    for event in (None, [], "x", {"detail": None, "decide": 3, "requestContext": [], "run": "x"}):
        call(answers({}), event)
    assert len(written(capsys)) == 4


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.parent.name)
def test_every_function_logs_its_invocations(app: Any) -> None:
    text = app.read_text()
    decorators = text.partition("\ndef handler")[0].rpartition("\n\n\n")[2]
    assert decorators.startswith("@logs.logged")


@pytest.mark.parametrize("service", SERVICES)
def test_a_librarys_logger_of_the_same_name_silences_no_function(
    service: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)
    handler = answers({})
    caplog.set_level(logging.WARNING, logger=service)  # at the cold start, which is after the decoration
    call(handler, TASK)
    (line,) = written(capsys)
    assert (line["message"], line["service"], line["run"]) == ("invocation", service, RUN)
