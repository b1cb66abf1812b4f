"""The fields of an invocation's line in the log: names and numbers, never texts of people or agents."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from baton.run_input import run_input_of

MAX_VALUE_CHARACTERS = 200  # an event may come from any sender

_RUN = re.compile(r"/runs/([0-9a-fA-F-]{36})(?:/|$)")
_ORGANIZATION = re.compile(r"^/(?:agent-to-agent|organizations)/([a-z0-9-]{1,60})(?:/|$)")
_EXECUTION = re.compile(r":([0-9a-f-]{36})-(\d{1,9})$")

_fields: ContextVar[dict[str, Any] | None] = ContextVar("fields", default=None)


def begin() -> dict[str, Any]:
    """Begins an invocation. Returns its fields, to which ``tell`` will add others."""
    fields: dict[str, Any] = {}
    _fields.set(fields)
    return fields


def tell(**more: Any) -> None:
    """Adds fields to the line of the invocation, except those that are None. Outside an invocation, does nothing."""
    if (fields := _fields.get()) is not None:
        fields.update((name, value) for name, value in more.items() if value is not None)


def time_left(context: Any) -> Callable[[], float]:
    """A function that returns the seconds until Lambda ends the invocation with this ``context``."""
    return lambda: float(context.get_remaining_time_in_millis()) / 1000


def fields_of(event: Any, answer: Any) -> dict[str, Any]:
    """The fields that an event and its answer have: run, step, attempt, generation, organization, HTTP method and
    status … Each text is cut after ``MAX_VALUE_CHARACTERS``."""
    if not isinstance(event, Mapping):
        return {}
    fields = {
        **_of_task(event),
        **_of_http(event, answer),
        **_of_agent(event),
        **_of_execution(event),
        **_of_launch(event, answer),
    }
    return {name: _cut(value) for name, value in fields.items() if isinstance(value, str | int) and value != ""}


def _of_task(event: Mapping[str, Any]) -> dict[str, Any]:
    step, item = event.get("step_id"), event.get("item_index")
    decide, run_input = _mapping(event.get("decide")), run_input_of(event)
    return {
        "action": event.get("action"),
        "run": run_input.get("run_id") or decide.get("run_id"),
        "step": f"{step}[{item}]" if item is not None else step,
        "generation": run_input.get("generation"),
        "approval": decide.get("approval_id"),
        "effect": event.get("deliver"),
    }


def _of_http(event: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    context, path = _mapping(event.get("requestContext")), str(event.get("rawPath") or "")
    if not context:
        return {}
    run, organization = _RUN.search(path), _ORGANIZATION.search(path)
    return {
        "method": _mapping(context.get("http")).get("method"),
        "status": _mapping(answer).get("statusCode"),
        "api_request": context.get("requestId"),
        "run": run and run[1],
        "organization": organization and organization[1],
    }


def _of_agent(event: Mapping[str, Any]) -> dict[str, Any]:
    run = event.get("run")
    if not isinstance(run, Mapping):
        return {}
    return {
        "run": run.get("id"),
        "step": run.get("stepId"),
        "attempt": run.get("attemptNumber"),
        "organization": event.get("organization"),
    }


def _of_execution(event: Mapping[str, Any]) -> dict[str, Any]:
    match = _EXECUTION.search(str(_mapping(event.get("detail")).get("executionArn") or ""))
    return {"run": match[1], "generation": int(match[2])} if match else {}


def _of_launch(event: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    launch = _mapping(event.get("launch"))
    return {"organization": launch.get("organization"), "run": _mapping(answer).get("runId")} if launch else {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _cut(value: str | int) -> str | int:
    return value[:MAX_VALUE_CHARACTERS] if isinstance(value, str) else value
