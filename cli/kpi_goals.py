"""``baton kpi goals``: imports a CSV file with the goals of companies into schema ``company``, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from cli.kpi import ImportRefused
from cli.kpi_dates import DateForms, UnclearDate
from cli.kpi_line import metric_key
from cli.kpi_numbers import NumberForms, UnclearNumber
from cli.kpi_store import ORGANIZATION
from cli.kpi_table import Header, LineProblem, read_table

COLUMNS = ("company", "metric", "start", "end", "direction", "target")
SYNONYMS = {
    **dict.fromkeys(("kpi", "measure"), "metric"),
    **dict.fromkeys(("from", "starts on", "first day"), "start"),
    **dict.fromkeys(("to", "until", "ends on", "last day"), "end"),
    **dict.fromkeys(("goal", "value", "amount"), "target"),
}
HEADER = Header(COLUMNS, (), SYNONYMS)
DIRECTIONS = {"at_least": "at_least", "at least": "at_least", ">=": "at_least",
              "at_most": "at_most", "at most": "at_most", "<=": "at_most"}  # fmt: skip

# The metrics that a company may have goals for, its own after those that the organisation shares.
METRICS = """
select company.name as company, metric.name_key, metric.unit, metric.id as metric_id, company.id as company_id
  from company.companies company
  join company.kpi_metrics metric
    on metric.organization_id = company.organization_id and coalesce(metric.company_id, company.id) = company.id
 where company.organization_id = %s
 order by metric.company_id nulls first
"""

WRITE = """
insert into company.kpi_goals as goal (metric_id, company_id, starts_on, ends_on, direction, target)
values (%(metric_id)s, %(company_id)s, %(start)s, %(end)s, %(direction)s, %(target)s)
on conflict (metric_id, company_id, starts_on, ends_on)
do update set direction = excluded.direction, target = excluded.target
 where (goal.direction, goal.target) is distinct from (excluded.direction, excluded.target)
returning xmax = 0 as is_new
"""


@dataclass(frozen=True)
class GoalsReport:
    """The counts of an import of goals."""

    goals: int
    inserted: int
    updated: int

    @property
    def unchanged(self) -> int:
        return self.goals - self.inserted - self.updated


@dataclass(frozen=True)
class _Known:
    unit: str
    metric_id: UUID
    company_id: UUID


def import_goals(database_url: str, path: str | Path, organization: str) -> GoalsReport:
    """Import ``company,metric,start,end,direction,target`` lines in one transaction.

    ``start`` and ``end`` are days or periods: from ``2025-01`` to ``2025-12``. ``direction`` is ``at_least`` or
    ``at_most``. A goal replaces that of the same company, metric and range.

    Raises:
        ImportRefused: the file cannot be read, contradicts itself, or names no metric; nothing was written.
        psycopg.OperationalError: the database cannot be reached.
    """
    path = Path(path)
    problems: list[LineProblem] = []
    try:
        lines = list(_lines(path, problems))
    except OSError as error:
        raise ImportRefused(path, [LineProblem(0, f"cannot be read: {error.strerror}")]) from error
    if not lines and not problems:
        problems.append(LineProblem(0, "holds no rows"))
    if problems:
        raise ImportRefused(path, problems)
    with psycopg.connect(database_url, prepare_threshold=None) as connection:
        goals = list(_goals(lines, _known(connection, path, organization), problems))
        if problems:
            raise ImportRefused(path, sorted(problems, key=lambda problem: problem.line))
        written = [row for goal in goals for row in connection.execute(WRITE, goal).fetchall()]
    inserted = sum(is_new for (is_new,) in written)
    return GoalsReport(len(goals), inserted, len(written) - inserted)


def _lines(path: Path, problems: list[LineProblem]) -> Iterator[tuple[int, dict[str, str]]]:
    table = read_table(path, HEADER, problems)
    if table is None:
        return
    if sorted(table.columns) != sorted(COLUMNS):
        shown = table.separator.join(table.columns)[:200]
        problems.append(LineProblem(table.header_line, f"the header must be {','.join(COLUMNS)}, but is {shown}"))
        return
    for number, fields in table.lines:
        if len(fields) == len(COLUMNS):
            yield number, dict(zip(table.columns, fields, strict=True))
        else:
            problems.append(LineProblem(number, f"has {len(fields)} fields, but needs {len(COLUMNS)}"))


def _known(connection: psycopg.Connection[Any], path: Path, organization: str) -> dict[tuple[str, str], _Known]:
    row = connection.execute(ORGANIZATION, (organization,)).fetchone()
    if row is None:
        raise ImportRefused(path, [LineProblem(0, f"there is no organisation {organization!r} to import it for")])
    found = connection.execute(METRICS, (row[0],)).fetchall()
    return {(company, key): _Known(unit, metric_id, company_id) for company, key, unit, metric_id, company_id in found}


def _goals(
    lines: Sequence[tuple[int, dict[str, str]]],
    known: Mapping[tuple[str, str], _Known],
    problems: list[LineProblem],
) -> Iterator[dict[str, Any]]:
    """The valid goals as the values of ``WRITE``."""
    dates = DateForms.of(line[column] for _, line in lines for column in ("start", "end"))
    numbers = NumberForms.of(line["target"] for _, line in lines)
    first_line: dict[tuple[Any, ...], int] = {}
    for number, line in lines:
        metric = known.get((line["company"], metric_key(line["metric"])))
        days, messages = _days(line, dates)
        target = _target(line["target"], metric.unit if metric else "", numbers, messages)
        direction = DIRECTIONS.get(line["direction"].lower())
        if metric is None:
            messages.append(f"{line['company']} has no metric {line['metric']}; import its numbers first")
        if direction is None:
            messages.append(f"direction must be at_least or at_most, not {line['direction']!r}")
        if metric and days and not messages:
            at = first_line.setdefault((metric.metric_id, metric.company_id, *days), number)
            if at != number:
                messages.append(
                    f"the goal of {line['company']} for {line['metric']} in these days is in line {at} already"
                )
        problems.extend(LineProblem(number, message) for message in messages)
        if metric and days and not messages:
            yield {
                "metric_id": metric.metric_id, "company_id": metric.company_id, "start": days[0], "end": days[1],
                "direction": direction, "target": target,
            }  # fmt: skip


def _days(line: Mapping[str, str], dates: DateForms) -> tuple[tuple[date, date] | None, list[str]]:
    """The first and the last day of a goal, and the problems of their texts."""
    messages: list[str] = []
    found = []
    for column in ("start", "end"):
        try:
            days = dates.days(line[column])
        except UnclearDate as error:
            messages.append(f"{column}: {error}")
            continue
        if days is None:
            messages.append(f"{column} must be a day like 2025-01-31 or a month like 2025-01, not {line[column]!r}")
        else:
            found.append(days)
    if len(found) < 2:
        return None, messages
    start, end = found[0].first, found[1].last
    if end < start:
        messages.append(f"the goal ends on {end}, before it starts on {start}")
    return (start, end), messages


def _target(text: str, unit: str, numbers: NumberForms, messages: list[str]) -> str | None:
    try:
        target = numbers.plain(text, unit) if text else None
    except UnclearNumber as error:
        messages.append(str(error).replace("value", "target", 1))
        return None
    if target is None:
        messages.append(f"target must be a plain decimal like 1234.5, not {text[:60]!r}")
    return target
