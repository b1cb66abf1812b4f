"""Which fields of the question a review's modifications set."""

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
    """The fields that the modified paths set: in part, exactly, or with all that is around them."""
    return frozenset(
        field for name, field in FIELDS.items() for path in review.modified_paths if _meet(path, f"context.{name}")
    )


def _meet(path: str, place: str) -> bool:
    """Whether one is the other or lies within it; the empty path is the whole input."""
    steps = path.split(".") if path else []
    return all(one == other for one, other in zip(steps, place.split("."), strict=False))
