"""Text that is JSON: an output of a step often is, and is read as what it holds."""

from __future__ import annotations

from typing import Any

from baton import exact_json
from summarizer.material import is_blank

NULL = "null"


def unwrapped(value: Any) -> Any:
    """What a value holds: text that is JSON is read, also where it is an item of a list."""
    held = _held(value)
    if isinstance(held, (list, tuple)) and any(isinstance(one, str) for one in held):
        return [_held(one) for one in held]
    return held


def _held(value: Any) -> Any:
    """What a text holds that is the JSON of an object, of a list or of null; any other value itself. ``{}`` is kept
    because a text without anything says so."""
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
