"""A small catalogue that the tests of notes share. "Sales" is a department and a synonym of revenue."""

from __future__ import annotations

from typing import Any

from baton.agents.contract import Review
from supabase_agent.catalog import Department, Metric
from supabase_agent.notes.decision import Decision, decide
from supabase_agent.notes.vocabulary import Vocabulary
from supabase_agent.question import Question

CONTEXT = {
    "kpiNames": ["revenue", "arr", "churn"],
    "startDate": "2024-07-01",
    "endDate": "2024-09-30",
    "grouping": "month",
}


def _metric(name: str, *synonyms: str) -> Metric:
    return Metric(name, name, "USD", "sum", None, synonyms, None, True)


VOCABULARY = Vocabulary(
    [
        _metric("revenue", "sales"),
        _metric("expenses", "costs"),
        _metric("profit_margin", "margin"),
        _metric("arr", "annual recurring revenue", "recurring revenue"),
        _metric("churn", "churn rate"),
    ],
    [
        Department("1", "Acme Ltd", "Sales"),
        Department("2", "Acme Ltd", "Marketing"),
        Department("3", "Acme Ltd", "EMEA"),
        Department("4", "Acme Ltd", "IT"),
        Department("5", "Borealis", "EMEA"),
        Department("6", "Borealis", "APAC"),
    ],
)


def decision_on(
    note: str, review: dict[str, Any] | None = None, vocabulary: Vocabulary = VOCABULARY, **context: Any
) -> Decision:
    """The decision on a review with ``note`` and the fields ``review``, for a question changed by ``context``."""
    parsed = Review.parse({"notes": note, **(review or {})})
    return decide(parsed, Question.parse({**CONTEXT, **context}), vocabulary)


def modified_paths(*fields: str) -> dict[str, Any]:
    """The fields of a review whose modifications set these fields of the context."""
    return {"modifiedPaths": [f"context.{field}" for field in fields]}


def earlier(*reviews: tuple[str, list[str]]) -> dict[str, Any]:
    """Reviews before the newest one: their notes, and the fields of the context that their modifications set."""
    return {"earlier": [{"notes": notes, **modified_paths(*fields)} for notes, fields in reviews]}


def report_of(decision: Decision) -> dict[str, list[dict[str, Any]]]:
    """The report for an answer with all changes of the notes."""
    return decision.report(decision.question)


def changes(decision: Decision) -> dict[str, Any]:
    """The fields of the question that notes changed, dates as ISO days."""
    before, after = vars(decision.base), vars(decision.question)
    return {field: str(after[field]) if field in ("start", "end") else after[field]
            for field in before if before[field] != after[field]}  # fmt: skip
