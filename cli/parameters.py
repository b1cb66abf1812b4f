"""Converts ``name=value`` arguments to JSON: parameters of a launch, and modifications.

A parameter's declared type decides how its text is read. Text that does not fit the type is sent as it is: the
deployment's error message is better than ours.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from baton import exact_json

SET_HELP = (
    "change a parameter (grouping=week) or part of the step's input (context.kpiNames=arr,churn);"
    " a value without a declared type is JSON, or a list if it has a comma (arr, is a list of one), or text"
)


def pair(text: str) -> tuple[str, str]:
    """For argparse: ``grouping=week`` → ("grouping", "week")."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name.strip(), value


def launch_parameters(declared: Iterable[Mapping[str, Any]], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The parameters of a launch. If a name is repeated, lists are joined; of other values the last one counts."""
    types = {parameter["name"]: parameter["type"] for parameter in declared}
    values: dict[str, Any] = {}
    for name, text in pairs:
        value = typed_value(types.get(name, "string"), text)
        both_lists = isinstance(value, list) and isinstance(values.get(name), list)
        values[name] = values[name] + value if both_lists else value
    return values


def modifications(declared: Iterable[Mapping[str, Any]], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The changes of a retry: parameters (``grouping=week``), parts of the input (``context.kpiNames=arr,churn``)."""
    types = {parameter["name"]: parameter["type"] for parameter in declared}
    changes: dict[str, Any] = {}
    for name, text in pairs:
        if name in types:
            changes[name] = typed_value(types[name], text)
            continue
        *parents, last = name.split(".")
        place = changes
        for parent in parents:
            if not isinstance(place.get(parent), dict):
                place[parent] = {}
            place = place[parent]
        place[last] = untyped_value(text)
    return changes


def typed_value(type_name: str, text: str) -> Any:
    """The text as a value of a parameter type; the text itself if it does not fit."""
    try:
        match type_name:
            case "string[]":
                return _items(text)
            case "number[]":
                return [_number(item) for item in _items(text)]
            case "number":
                return _number(text)
            case "integer":
                return int(text)
            case "boolean":
                return {"true": True, "yes": True, "false": False, "no": False}.get(text.strip().lower(), text)
            case "object":
                return exact_json.loads(text)
            case _:
                return text
    except (ValueError, InvalidOperation):
        return text


def untyped_value(text: str) -> Any:
    """A value without a declared type: JSON, or a list if it has a comma (``arr,`` is a list of one), or text."""
    try:
        return exact_json.loads(text)
    except ValueError:
        return _items(text) if "," in text else text


def _items(text: str) -> list[Any]:
    if text.lstrip().startswith("["):
        value = exact_json.loads(text)
        return value if isinstance(value, list) else [value]
    return [item.strip() for item in text.split(",") if item.strip()]


def _number(text: str | int | Decimal) -> int | Decimal:
    if isinstance(text, int | Decimal):
        return text
    number = Decimal(text.strip())
    if not number.is_finite():
        raise ValueError(f"{text} is not a number")
    return int(number) if text.strip().lstrip("+-").isdigit() else number
