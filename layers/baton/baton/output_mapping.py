"""Output mappings: from an agent's answer to the named outputs of a step, by RFC 9535 JSONPath."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from baton.errors import BatonError

_PLAIN_PATH = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


class MappingInvalid(BatonError):
    """A path of an ``output_mapping`` is not RFC 9535 JSONPath."""


def map_outputs(output_mapping: Mapping[str, str], payload: Any) -> dict[str, Any]:
    """Output name → the value at its path in an agent's ``payload``: null if there is none, a list if there are
    several."""
    return {name: _find(path, payload) for name, path in output_mapping.items()}


def check_path(path: str) -> None:
    """MappingInvalid if ``path`` is not RFC 9535 JSONPath."""
    if not _PLAIN_PATH.fullmatch(path):
        _compile(path)


def _find(path: str, payload: Any) -> Any:
    if _PLAIN_PATH.fullmatch(path):
        return _walk(path, payload)
    values = [node.value for node in _compile(path).find(payload)]
    return values[0] if len(values) == 1 else values or None


def _walk(path: str, value: Any) -> Any:
    """Most paths are plain ``$.a.b``. For those, a cold start need not import the JSONPath library."""
    for name in path.split(".")[1:]:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


@lru_cache(maxsize=256)
def _compile(path: str) -> Any:
    import jsonpath_rfc9535

    try:
        return jsonpath_rfc9535.compile(path)
    except jsonpath_rfc9535.JSONPathError as error:
        reason = str(error).split(", line")[0]
        raise MappingInvalid(f"`{path}` is not a JSONPath (RFC 9535): {reason}") from error
