"""``accepts`` in an agent's file: a JSON Schema of the agent's context.

It may use a part of draft 2020-12: the keywords that describe plain fields. An unknown keyword is a problem, because a
misspelt one would allow anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from baton.suggestions import did_you_mean

MAX_DEPTH = 10
TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")

Path = tuple[str | int, ...]
_Check = Callable[[Any], bool]


def schema_problems(schema: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The problems of a schema: the place of each, and a sentence."""
    if len(path) > 2 * MAX_DEPTH:
        yield path, f"a schema nests at most {MAX_DEPTH} levels"
        return
    for keyword, value in schema.items():
        if keyword not in _VALUES and keyword not in _SCHEMAS:
            yield (*path, keyword), f"there is no keyword `{keyword}`{did_you_mean(keyword, [*_VALUES, *_SCHEMAS])}"
        elif keyword in _VALUES and not _VALUES[keyword][0](value):
            yield (*path, keyword), f"`{keyword}` must be {_VALUES[keyword][1]}"
        elif keyword in _SCHEMAS:
            yield from _of_schemas(keyword, value, (*path, keyword))


def _of_schemas(keyword: str, value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if keyword == "properties":
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            yield path, "`properties` must be schemas by the names of fields"
            return
        for name, schema in value.items():
            yield from _of_schema(schema, (*path, name))
        return
    if keyword == "additionalProperties" and isinstance(value, bool):
        return
    yield from _of_schema(value, path)


def _of_schema(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(value, Mapping):
        yield path, "must be a schema, such as {type: string}"
        return
    yield from schema_problems(value, path)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float, Decimal))


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value) and len(set(value)) == len(value)


def _is_type(value: Any) -> bool:
    types = value if isinstance(value, list) else [value]
    return bool(types) and all(isinstance(one, str) and one in TYPES for one in types) and len(set(types)) == len(types)


_SCHEMAS = frozenset({"properties", "items", "additionalProperties"})
_VALUES: dict[str, tuple[_Check, str]] = {
    "type": (_is_type, f"one of {', '.join(TYPES)}, or a list of them"),
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list of at least one value"),
    "required": (_are_names, "a list of names, each once"),
    "title": (lambda value: isinstance(value, str), "a text"),
    "description": (lambda value: isinstance(value, str), "a text"),
    "format": (lambda value: isinstance(value, str), "the name of a format, such as date"),
    "default": (lambda value: True, "a value"),
    "examples": (lambda value: isinstance(value, list), "a list"),
    "minimum": (_is_number, "a number"),
    "maximum": (_is_number, "a number"),
    **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength"), (_is_count, "a whole number from 0 on")),
}
