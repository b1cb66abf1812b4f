"""Views that are made of other things than rows, which SQL has fitted. They fit into one answer, too."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from baton import exact_json
from baton.api.views.omitted import Omitted, pointer

MAX_BYTES = 3_500_000  # of the view as Lambda encodes it; the answer has at most 4 MB
_SMALL = 500  # bytes; what says that a value is left out takes as many

Path = tuple[str, ...]


def fit(
    view: dict[str, Any], patterns: Sequence[str], url: Callable[[Path], str | None] = lambda path: None
) -> list[Omitted]:
    """Sets the largest values of the view at the patterns (``steps.*.input.*``) to null until it fits. Answers what it
    left out. ``url`` answers where the value at a path is; None: nothing stores it."""
    excess = encoded_bytes(view) - MAX_BYTES
    if excess <= 0:
        return []
    found = [place for pattern in patterns for place in _found(view, tuple(pattern.split(".")))]
    by_size = sorted(((encoded_bytes(holder[key]), path) for holder, key, path in found), reverse=True)
    places = {path: (holder, key) for holder, key, path in found}
    omitted: list[Omitted] = []
    for size, path in by_size:
        if excess <= 0 or size <= _SMALL:
            break
        holder, key = places[path]
        content = exact_json.dumps(holder[key]).encode()
        omitted.append(
            {
                "pointer": pointer(*path),
                "count": None,
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "url": url(path),
            }
        )
        holder[key] = None
        excess -= size - _SMALL
    return omitted


def encoded_bytes(value: Any) -> int:
    """The bytes of a value in the answer of a Lambda function, whose body is a JSON string; never fewer."""
    return len(json.dumps(exact_json.dumps(value)))


def _found(value: Any, pattern: Sequence[str], path: Path = ()) -> Iterator[tuple[Any, Any, Path]]:
    """The holder (object or list), key and path of every value at the pattern."""
    name, *rest = pattern
    if isinstance(value, dict):
        keys: Sequence[Any] = list(value) if name == "*" else [name] if name in value else []
    else:
        keys = range(len(value)) if isinstance(value, list) and name == "*" else []
    for key in keys:
        if rest:
            yield from _found(value[key], rest, (*path, str(key)))
        else:
            yield value, key, (*path, str(key))
