"""Output mappings: from an agent's answer to the named outputs of a step, by those RFC 9535 JSONPaths that take linear
time.

A path visits each part of an answer a limited number of times. So it has at most one ``..``, few selectors side by
side, filters that compare single values, and no regular expressions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from baton.errors import BatonError

MAX_PATH_CHARACTERS = 1000
MAX_SELECTIONS = 16  # of one part of an answer: ``[*, *][*, *]`` selects it four times
_PLAIN_PATH = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


class MappingInvalid(BatonError):
    """A path of an ``output_mapping`` is not a JSONPath, may take too long, or cannot be followed in an answer."""


def map_outputs(output_mapping: Mapping[str, str], payload: Any) -> dict[str, Any]:
    """Output name → the value at its path in an agent's ``payload``: null if there is none, a list if there are
    several."""
    return {name: _find(path, payload) for name, path in output_mapping.items()}


def check_path(path: str) -> None:
    """MappingInvalid if an output cannot have ``path``."""
    if len(path) > MAX_PATH_CHARACTERS:
        raise MappingInvalid(f"a path has at most {MAX_PATH_CHARACTERS} characters; this one has {len(path)}")
    if not _PLAIN_PATH.fullmatch(path):
        _compile(path)


def _find(path: str, payload: Any) -> Any:
    check_path(path)  # an earlier release stored definitions with any path
    if _PLAIN_PATH.fullmatch(path):
        return _walk(path, payload)
    query = _compile(path)
    try:
        values = [node.value for node in query.find(payload)]
    except (_error_class(), RecursionError) as error:
        raise MappingInvalid(f"`{path}` cannot be followed in the answer: {_reason(error)}") from error
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
        query = jsonpath_rfc9535.compile(path)
    except (jsonpath_rfc9535.JSONPathError, RecursionError) as error:
        raise MappingInvalid(f"`{path}` is not a JSONPath (RFC 9535): {_reason(error)}") from error
    problem = _cost_problem(query)
    if problem:
        raise MappingInvalid(f"`{path}` {problem}")
    return query


def _error_class() -> type[Exception]:
    import jsonpath_rfc9535

    error: type[Exception] = jsonpath_rfc9535.JSONPathError
    return error


def _reason(error: BaseException) -> str:
    return str(error).split(", line")[0]


def _cost_problem(query: Any) -> str | None:
    """Why the path may take more than linear time, as the second half of a sentence; None if it cannot."""
    from jsonpath_rfc9535.segments import JSONPathRecursiveDescentSegment

    if sum(isinstance(segment, JSONPathRecursiveDescentSegment) for segment in query.segments) > 1:
        return "has more than one `..`; name the fields between them"
    if math.prod(len(segment.selectors) for segment in query.segments) > MAX_SELECTIONS:
        return f"selects one part more than {MAX_SELECTIONS} times; use fewer selectors side by side"
    for segment in query.segments:
        for selector in segment.selectors:
            if problem := _filter_problem(selector):
                return problem
    return None


def _filter_problem(selector: Any) -> str | None:
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
