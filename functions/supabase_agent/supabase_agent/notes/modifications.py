"""The fields of the question that a review's modifications set."""

from __future__ import annotations

from baton.agents.contract import Review

FIELDS = {
    "kpiNames": "kpiNames",
    "startDate": "startDate",
    "endDate": "endDate",
    "grouping": "grouping",
    "company": "companies",
    "companies": "companies",
    "department": "departments",
    "departments": "departments",
}


def fields_set(review: Review) -> frozenset[str]:
    """The fields that the modified paths set: a part of the field, the field, or a whole that contains it."""
    return frozenset(
        field for name, field in FIELDS.items() for path in review.modified_paths if _meet(path, f"context.{name}")
    )


def _meet(path: str, place: str) -> bool:
    """Whether the paths are equal or one contains the other. The empty path is the whole input."""
    steps = path.split(".") if path else []
    return all(one == other for one, other in zip(steps, place.split("."), strict=False))
