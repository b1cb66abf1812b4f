"""The mapping of an agent's answer to named outputs: each is a path, of RFC 9535's JSONPath what takes linear time.

A path visits every part of an answer a limited number of times. So it has one ``..`` at most, few selectors side by
side, and filters that compare single values; there are no regular expressions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from baton.errors import BatonError

MAX_PATH = 1000  # characters
MAX_SELECTIONS = 16  # how often one part of an answer may be selected: ``[*, *][*, *]`` selects it four times
_PLAIN_PATH = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


class MappingInvalid(BatonError):
    """A path of an ``output_mapping`` that is no JSONPath, may take too long, or cannot be followed in an answer."""


def map_outputs(output_mapping: Mapping[str, str], payload: Any) -> dict[str, Any]:
    """Output name → what its path finds in an agent's ``payload``: null for nothing, a list of several."""
    return {name: _find(path, payload) for name, path in output_mapping.items()}


def check_path(path: str) -> None:
    """MappingInvalid if ``path`` is not one that an output may have."""
    if len(path) > MAX_PATH:
        raise MappingInvalid(f"a path has at most {MAX_PATH} characters; this one has {len(path)}")
    if not _PLAIN_PATH.fullmatch(path):
        _compile(path)


def _find(path: str, payload: Any) -> Any:
    check_path(path)  # a definition that was stored by an earlier release may have any
    if _PLAIN_PATH.fullmatch(path):
        return _walk(path, payload)
    query = _compile(path)
    try:
        values = [node.value for node in query.find(payload)]
    except (_error_class(), RecursionError) as error:
        raise MappingInvalid(f"`{path}` cannot be followed in the answer: {_reason(error)}") from error
    return values[0] if len(values) == 1 else values or None


def _walk(path: str, value: Any) -> Any:
    """Most paths are plain ``$.a.b``: walking those here spares a cold start the import of a JSONPath library."""
    for name in path.split(".")[1:]:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


@lru_cache(maxsize=256)
def _compile(path: str) -> Any:
    import jsonpath_rfc9535

    try:
        query = jsonpath_rfc9535.compile(path)
    except (jsonpath_rfc9535.JSONPathError, RecursionError) as error:
        raise MappingInvalid(f"`{path}` is not a JSONPath (RFC 9535): {_reason(error)}") from error
    problem = _costly(query)
    if problem:
        raise MappingInvalid(f"`{path}` {problem}")
    return query


def _error_class() -> type[Exception]:
    import jsonpath_rfc9535

    error: type[Exception] = jsonpath_rfc9535.JSONPathError
    return error


def _reason(error: BaseException) -> str:
    return str(error).split(", line")[0]


def _costly(query: Any) -> str | None:
    """Why following the path may take more than linear time, as the end of a sentence about it."""
    from jsonpath_rfc9535.segments import JSONPathRecursiveDescentSegment

    if sum(isinstance(segment, JSONPathRecursiveDescentSegment) for segment in query.segments) > 1:
        return "has more than one `..`; name the fields between them"
    if math.prod(len(segment.selectors) for segment in query.segments) > MAX_SELECTIONS:
        return f"selects one part more than {MAX_SELECTIONS} times; use fewer selectors side by side"
    for segment in query.segments:
        for selector in segment.selectors:
            if problem := _costly_filter(selector):
                return problem
    return None


def _costly_filter(selector: Any) -> str | None:
    from jsonpath_rfc9535.filter_expressions import FilterQuery, FunctionExtension

    for part in _expressions(getattr(selector, "expression", None)):
        if isinstance(part, FunctionExtension) and part.name in ("match", "search"):
            return f"has a regular expression (`{part.name}`), which an output's filter cannot have; compare values"
        if isinstance(part, FilterQuery) and not part.query.singular_query():
            return "has a filter that looks at many values; a filter compares single ones, like `@.name` or `@[0]`"
    return None


def _expressions(expression: Any) -> Iterator[Any]:
    """The parts of a filter."""
    ahead = [expression]
    while ahead:
        part = ahead.pop()
        if part is not None:
            yield part
            ahead += [getattr(part, name, None) for name in ("expression", "left", "right")]
            ahead += getattr(part, "args", ())
