"""Completes an answer of which a test writes only the fields that it is about."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.unit.client.calls import OPERATIONS, SCHEMAS, answer_schema


def completed(request: httpx.Request, document: Any) -> Any:
    """``document`` with all top-level fields that the OpenAPI document requires of the answer to ``request``."""
    operation = _operation_of(request)
    schema = answer_schema(operation) if operation else None
    return _with_required(document, schema) if schema and isinstance(document, dict) else document


def is_without_json(request: httpx.Request) -> bool:
    """Whether the OpenAPI document promises no JSON."""
    operation = _operation_of(request)
    return operation is not None and answer_schema(operation) is None


def completed_event(event: dict[str, Any]) -> dict[str, Any]:
    return _with_required({"omitted": [], **event}, SCHEMAS["Event"])


def _with_required(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {**{name: _empty(properties[name]) for name in schema.get("required", [])}, **document}


def _empty(schema: dict[str, Any]) -> Any:
    if "$ref" in schema or schema.get("type") == "object":
        return {}
    return [] if schema.get("type") == "array" else None


def _operation_of(request: httpx.Request) -> dict[str, Any] | None:
    """The operation whose path has the fewest parameters, of those that fit."""
    path = request.url.raw_path.decode().partition("?")[0]
    fitting = [
        (template.count("{"), template, operation)
        for (method, template), operation in OPERATIONS.items()
        if method == request.method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
    ]
    return min(fitting)[2] if fitting else None
