"""Finds the differences between the client's types and the JSON schemas of the OpenAPI document."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

NAMES = {str: "string", int: "integer", Decimal: "number", bool: "boolean", type(None): "null", dict: "object",
         list: "array", Sequence: "array"}  # fmt: skip


class Comparison:
    """``schemas`` are the named schemas of the document."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        return self._schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def differences(self, hint: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
        """A line for each difference. The parts of a union must have the order of ``anyOf``."""
        options = [self.resolved(option) for option in schema.get("anyOf", [schema])]
        parts = parts_of(hint)
        if len(parts) != len(options):
            yield f"{where}: {hint} is not {schema}"
            return
        for part, option in zip(parts, options, strict=True):
            yield from self._of_one(part, option, where)

    def _of_one(self, hint: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
        if is_typeddict(hint):
            yield from self._of_members(hint, schema, where)
        elif name_of(hint) != schema.get("type"):
            yield f"{where}: {hint} is not {schema.get('type')}"
        elif schema.get("type") == "array":
            yield from self.differences(get_args(hint)[0], schema["items"], f"{where}[]")
        elif hint is not dict and schema.get("type") == "object" and "properties" in schema:
            yield f"{where}: {hint} does not name {sorted(schema['properties'])}"

    def _of_members(self, kind: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
        hints = get_type_hints(kind, include_extras=True)
        properties = schema.get("properties", {})
        if unlike := hints.keys() ^ properties.keys():
            yield f"{where}: only one of them has {sorted(unlike)}"
        required = {name for name in kind.__required_keys__ if get_origin(hints[name]) is not NotRequired}
        if unlike := required ^ set(schema.get("required", [])):
            yield f"{where}: only one of them requires {sorted(unlike)}"
        for name in hints.keys() & properties.keys():
            hint = get_args(hints[name])[0] if get_origin(hints[name]) is NotRequired else hints[name]
            yield from self.differences(hint, properties[name], f"{where}.{name}")


def parts_of(hint: Any) -> Sequence[Any]:
    """The parts of a union. ``int | Decimal`` is one part: JSON has one type of number."""
    if get_origin(hint) not in (Union, types.UnionType):
        return [hint]
    parts = get_args(hint)
    return [part for part in parts if not (part is int and Decimal in parts)]


def name_of(hint: Any) -> str | None:
    """The JSON type; None for ``Any``, which has no type in the document either."""
    if hint is Any:
        return None
    if get_origin(hint) is Literal:
        hint = type(get_args(hint)[0])
    return NAMES[get_origin(hint) or hint]
