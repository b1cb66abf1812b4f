"""The deliverable of a question: its rows, and in the metadata all that a reader needs to judge them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baton import exact_json
from baton.agents.contract import Deliverable
from supabase_agent import figures, history, reach, running_totals
from supabase_agent.catalog import Scope, departments_in, find_metrics, find_scope
from supabase_agent.context import context
from supabase_agent.figures import Figure
from supabase_agent.mcp_client import McpClient
from supabase_agent.naming import Names
from supabase_agent.problems import CannotAnswer
from supabase_agent.question import Question
from supabase_agent.recording import Recording, find_recordings, length_for
from supabase_agent.series import Series, resolve

MAX_NAMES_IN_TITLE = 5


def answer(client: McpClient, question: Question) -> Deliverable:
    """Raises ``CannotAnswer``."""
    scope = find_scope(client, question)
    recordings = _recordings(client, question, scope)
    names = Names(departments_in(client, scope))
    looked_at = history.looked_at(question.range)
    reaches = reach.find(client, recordings, looked_at, question.range, scope)
    running = running_totals.find(client, recordings, looked_at, scope)
    sql = figures.statement(list(recordings), question.range, scope, question.breakdown)
    shown = _read(client, sql, recordings, question)
    owners = names.count if question.breakdown else 1
    earlier = history.read(client, recordings, question.range, scope, question.breakdown, max(1, owners))
    rows = figures.rows_of(
        shown,
        earlier,
        recordings,
        question.range,
        lambda one: reaches[one.series].recording(recordings[one.series], one.part, names),
    )
    whole = (figures.merged(shown), figures.merged(earlier)) if question.breakdown else (shown, earlier)
    return Deliverable(
        type="analysis",
        format="json",
        title=_title(question, list(recordings), scope, rows),
        content=exact_json.dumps(rows),
        metadata={
            **_metadata(question, recordings, scope, sql, rows),
            "metrics": {
                one.label: {
                    **_described(one, recording, list(recordings)),
                    **reaches[one].to_json(names),
                    "runningTotal": running.get(one),
                }
                for one, recording in recordings.items()
            },
            "history": _as_text(figures.rows_of(earlier, [], recordings, question.range)),
            "totals": _as_text(_totals(client, recordings, question, scope)),
            **context(client, question, scope, recordings, reaches, names, *whole),
        },
    )


def _recordings(client: McpClient, question: Question, scope: Scope) -> dict[Series, Recording]:
    """The series of the question, with the length of their periods, and how each is recorded."""
    series = resolve(question.kpi_names, find_metrics(client, question, scope))
    looked_at = history.looked_at(question.range)
    found = find_recordings(client, series, looked_at, question.range, scope, question.grouping)
    recordings = {one.by(length_for(recording, question.grouping)): recording for one, recording in found.items()}
    for one, recording in recordings.items():
        _check_distinct(one, recording, question)
    return recordings


def _read(client: McpClient, sql: str, recordings: Mapping[Series, Recording], question: Question) -> list[Figure]:
    found = figures.read(client, sql, recordings, question.range)
    return figures.with_zeros(found, recordings, question.range)


def _totals(
    client: McpClient, recordings: Mapping[Series, Recording], question: Question, scope: Scope
) -> list[dict[str, Any]]:
    """The rows of the whole scope, if the question has a breakdown."""
    added_up = {one: recording for one, recording in recordings.items() if one.aggregation != "distinct"}
    if question.breakdown is None or not added_up:
        return []
    found = _read(client, figures.statement(list(added_up), question.range, scope), added_up, question)
    return figures.rows_of(found, [], added_up, question.range)


def _as_text(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "value": figures.digits(row["value"])} for row in rows]


def _check_distinct(series: Series, recording: Recording, question: Question) -> None:
    """Raise ``CannotAnswer`` if the question wants to add up numbers that count different things."""
    if not any(part.aggregation == "distinct" for part in series.parts()):
        return
    name = (
        f"{series.label} is a distinct count"
        if series.formula is None
        else f"{series.label} has a distinct count in it"
    )
    if series.length != recording.grain:
        raise CannotAnswer(f"{name}, which does not add up over days; ask for it by {recording.grain}")
    if recording.departments > 1 and question.breakdown != "department":
        raise CannotAnswer(
            f"{name}, which does not add up over departments; ask for one department, or with breakdown department"
        )


def _title(question: Question, series: Sequence[Series], scope: Scope, rows: Sequence[Any]) -> str:
    names = _some([one.label for one in series])
    by = "in total" if question.grouping == "total" else f"by {question.grouping}"
    broken_down = f" and {question.breakdown}" if question.breakdown and question.grouping != "total" else ""
    if question.breakdown and question.grouping == "total":
        by = f"by {question.breakdown}"
    about = f"{names} {by}{broken_down}, {question.start} to {question.end}{_of_whom(scope)}"
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
    question: Question, recordings: Mapping[Series, Recording], scope: Scope, sql: str, rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    with_data = {row["kpi"] for row in rows}
    metadata: dict[str, Any] = {
        "sql": sql,
        "rowCount": len(rows),
        "kpiNames": [one.label for one in recordings],
        "grouping": question.grouping,
        "startDate": question.start.isoformat(),
        "endDate": question.end.isoformat(),
        "units": {one.label: one.unit for one in recordings},
        "aggregations": {one.label: one.aggregation for one in recordings},
        "kpisWithoutData": [one.label for one in recordings if one.label not in with_data],
        "partialPeriods": [day.isoformat() for day in question.partial_periods()],
        "companies": list(scope.companies),
        "departments": list(scope.departments),
        "breakdown": question.breakdown,
    }
    if not rows:
        metadata["notice"] = f"No data was recorded from {question.start} to {question.end} for what was asked."
    return metadata


def _described(series: Series, recording: Recording, known: Sequence[Series]) -> dict[str, Any]:
    """``weighted`` is None unless the figures are means or ratios."""
    planned = [one for one in known if series.plan_of in one.names and one.unit == series.unit and one != series]
    is_weighted = {"avg": bool(series.weights), "ratio": True}
    return {
        "unit": series.unit,
        "aggregation": series.aggregation,
        "direction": series.direction,
        "additive": series.is_additive,
        "planOf": planned[0].label if planned else None,
        "grain": recording.grain,
        "grainInferred": recording.is_inferred,
        "period": series.length,
        "weighted": is_weighted.get(series.aggregation),
        "sparse": recording.is_sparse,
        "weekdays": sorted(recording.weekdays),
        "firstDay": recording.first and recording.first.isoformat(),
        "lastDay": recording.last and recording.last.isoformat(),
    }
