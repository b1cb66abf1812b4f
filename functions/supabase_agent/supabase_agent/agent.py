"""One task: from the question to a deliverable with the rows and their SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from baton import exact_json
from baton.agents.contract import AgentTask, Deliverable, Review, failure, success
from baton.errors import Malformed
from supabase_agent.catalog import EVERYBODY, Scope, check_schema, find_departments, find_metrics, find_scope
from supabase_agent.mcp_client import McpClient
from supabase_agent.notes.decision import Decision, decide, has_notes
from supabase_agent.notes.vocabulary import Vocabulary
from supabase_agent.problems import CannotAnswer, TokenRefused
from supabase_agent.question import Question
from supabase_agent.series import Series, resolve
from supabase_agent.settings import Settings
from supabase_agent.statement import compose

MAX_NAMES_IN_TITLE = 5


class SupabaseAgent:
    """Answers tasks of the agent contract."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, event: Any) -> dict[str, Any]:
        try:
            task = AgentTask.parse(event)
            question = Question.parse(task.context)
            try:
                return self._ask(task, question)
            except TokenRefused:
                if not self._settings.key_has_changed():
                    raise
                return self._ask(task, question)
        except Malformed as error:
            return failure(str(error), retryable=False)
        except CannotAnswer as error:
            return failure(str(error), retryable=error.retryable)

    def _ask(self, task: AgentTask, question: Question) -> dict[str, Any]:
        with McpClient(self._settings.url, self._settings.bearer(task.organization)) as client:
            check_schema(client)
            if task.review is None or not has_notes(task.review):
                return success(_answer(client, question))
            return success(_answer_reviewed(client, _decide(client, task.review, question)))


def _decide(client: McpClient, review: Review, question: Question) -> Decision:
    vocabulary = Vocabulary(find_metrics(client, question, EVERYBODY), find_departments(client))
    return decide(review, question, vocabulary)


def _answer_reviewed(client: McpClient, decision: Decision) -> Deliverable:
    """The answer with as many of the notes as possible, and a report on all of them."""
    reason = ""
    *variants, (base, all_dropped) = decision.variants()
    for question, dropped in variants:
        try:
            deliverable = _answer(client, question)
        except CannotAnswer as error:
            if error.retryable:
                raise
            reason = reason or str(error)
        else:
            return _with_review(deliverable, decision.report(question, dropped, reason))
    return _with_review(_answer(client, base), decision.report(base, all_dropped, reason))


def _with_review(deliverable: Deliverable, report: dict[str, Any]) -> Deliverable:
    return replace(deliverable, metadata={**deliverable.metadata, "review": report})


def _answer(client: McpClient, question: Question) -> Deliverable:
    scope = find_scope(client, question)
    series = resolve(question.kpi_names, find_metrics(client, question, scope))
    sql = compose(question, series, scope)
    rows = [_row(row) for row in client.execute_sql(sql)]
    return Deliverable(
        type="analysis",
        format="json",
        title=_title(question, series, scope, rows),
        content=exact_json.dumps(rows),
        metadata=_metadata(question, series, scope, sql, rows),
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    value = row["value"]
    return {**row, "period": row["period"][:10], "value": None if value is None else Decimal(value)}


def _title(question: Question, series: Sequence[Series], scope: Scope, rows: Sequence[Any]) -> str:
    names = _some([one.label for one in series])
    about = f"{names} by {question.grouping}, {question.start} to {question.end}{_of_whom(scope)}"
    return about if rows else f"No data: {about}"


def _of_whom(scope: Scope) -> str:
    """The end of a title: it prevents that a reader takes a department's figures for the company's."""
    parts = [_some(names) for names in (scope.departments, scope.companies) if names]
    return f", only {' of '.join(parts)}" if parts else ""


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MAX_NAMES_IN_TITLE])
    more = len(names) - MAX_NAMES_IN_TITLE
    return f"{shown} and {more} more" if more > 0 else shown


def _metadata(
    question: Question, series: Sequence[Series], scope: Scope, sql: str, rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    with_data = {row["kpi"] for row in rows}
    metadata: dict[str, Any] = {
        "sql": sql,
        "rowCount": len(rows),
        "kpiNames": [one.label for one in series],
        "grouping": question.grouping,
        "startDate": question.start.isoformat(),
        "endDate": question.end.isoformat(),
        "units": {one.label: one.unit for one in series},
        "aggregations": {one.label: one.aggregation for one in series},
        "kpisWithoutData": [one.label for one in series if one.label not in with_data],
        "partialPeriods": [day.isoformat() for day in question.partial_periods()],
        "companies": list(scope.companies),
        "departments": list(scope.departments),
    }
    if not rows:
        metadata["notice"] = f"No data was recorded from {question.start} to {question.end} for what was asked."
    return metadata
