"""Which fields of the question a review's modifications set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baton.agents.contract import Review

FIELDS = {
    "kpinames": "kpiNames",
    "startdate": "startDate",
    "enddate": "endDate",
    "grouping": "grouping",
    "company": "companies",
    "companies": "companies",
    "department": "departments",
    "departments": "departments",
}


def fields_set(review: Review, context: Mapping[str, Any] | None = None) -> frozenset[str]:
    """The fields that the modifications name, at whatever depth and however they are spelt.

    ``context`` is what the agent is called with now; where it is given, a field counts too if it differs from the
    reviewed attempt's. Notes never change the context, so that only modifications can have done that.
    """
    named = {FIELDS[name] for name in map(_folded, _keys(review.modifications)) if name in FIELDS}
    before = (review.previous_attempt.get("input") or {}) if context is not None else None
    previous = before.get("context") if isinstance(before, Mapping) else None
    if context is None or not isinstance(previous, Mapping):
        return frozenset(named)
    now, then = _values(context), _values(previous)
    return frozenset(named | {field for field in set(FIELDS.values()) if now[field] != then[field]})


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name).rpartition(".")[2]
            yield from _keys(inner)


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _values(context: Mapping[str, Any]) -> dict[str, Any]:
    """The fields' values; one name and a list of it are the same, and so are no value and the usual one."""
    values = {field: context.get(field) for field in FIELDS.values()}
    values["companies"] = context.get("companies", context.get("company")) or []
    values["departments"] = context.get("departments", context.get("department")) or []
    values["grouping"] = values["grouping"] or "day"
    return {field: [one] if isinstance(one, str) else one for field, one in values.items()}
