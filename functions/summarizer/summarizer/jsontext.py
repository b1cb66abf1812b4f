"""Text that is JSON: an output of a step often is, and is read as what it holds."""

from __future__ import annotations

import re
from typing import Any

from baton import exact_json
from summarizer.material import is_blank

WITHOUT_ITEMS = re.compile(r"[\s\[\],]*")


def unwrapped(value: Any) -> Any:
    """What a value holds: text that is JSON is read, also where it is an item of a list."""
    held = _held(value)
    if isinstance(held, (list, tuple)) and any(isinstance(one, str) for one in held):
        return [_held(one) for one in held]
    return held


def _held(value: Any) -> Any:
    """What a text holds that is the JSON of an object, of a list with objects, or of a list without items; any other
    value itself. ``[1]`` in a text may be a footnote, and ``{}`` is kept because a text without anything says so."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    if not ("{" in value and ":" in value) and not WITHOUT_ITEMS.fullmatch(value):
        return value
    try:
        held = exact_json.loads(value)
    except (ValueError, RecursionError):
        return value
    return value if is_blank(held) else held
