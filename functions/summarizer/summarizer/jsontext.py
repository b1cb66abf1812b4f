"""Parses text that is JSON, as outputs of steps often are."""

from __future__ import annotations

from typing import Any

from baton import exact_json
from summarizer.material import is_blank

NULL = "null"


def unwrapped(value: Any) -> Any:
    """The value; if it is JSON text, the parsed value. The same for the items of a list."""
    held = _held(value)
    if isinstance(held, (list, tuple)) and any(isinstance(one, str) for one in held):
        return [_held(one) for one in held]
    return held


def _held(value: Any) -> Any:
    """The parsed value of a text that is JSON of an object, a list or null; any other value itself.

    ``{}`` stays a text, so that it counts as content.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text == NULL:
        return None
    if (text[:1], text[-1:]) not in (("{", "}"), ("[", "]")):
        return value
    try:
        held = exact_json.loads(value)
    except (ValueError, RecursionError):
        return value
    return value if is_blank(held) else held
