"""Checks that an answer has the shape of its type, so that another program's JSON is not taken for Baton's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict


def fault_of(document: Any, kind: Any) -> str | None:
    """What is wrong with ``document`` as an answer of type ``kind``; None if nothing is.

    The document must be an object with the keys that the TypedDict ``kind`` requires. Where the type says list, there
    must be a list, and objects in it where the type says so. Other values are not checked.
    """
    if not isinstance(document, dict):
        return "JSON that is no object"
    required, lists = _shape(kind)
    if missing := sorted(required - document.keys()):
        return f"JSON without {', '.join(missing)}"
    for name, has_objects in lists.items():
        items = document.get(name, [])
        if not isinstance(items, list) or (has_objects and not all(isinstance(item, dict) for item in items)):
            return f"JSON with another {name}"
    return None


@cache
def _shape(kind: Any) -> tuple[frozenset[str], Mapping[str, bool]]:
    """The required keys, and the fields that are lists: whether their items are objects."""
    declared = get_origin(kind) or kind
    if not is_typeddict(declared):  # dict[str, Any]
        return frozenset(), {}
    hints = get_type_hints(declared, include_extras=True)
    required = {name for name in declared.__required_keys__ if get_origin(hints[name]) is not NotRequired}
    lists = {name: is_typeddict(get_args(hint)[0]) for name, hint in hints.items()
             if get_origin(hint) in (list, Sequence)}  # fmt: skip
    return frozenset(required), lists
