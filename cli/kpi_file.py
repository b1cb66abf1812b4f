"""Reads a KPI file: checks every line, reports every problem with its line, keeps every digit of a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cli.kpi_line import DECLARATIONS, HEADER, Line, has_number, metric_key
from cli.kpi_lines import numbered_lines
from cli.kpi_table import LineProblem, read_table


@dataclass(frozen=True)
class KpiRow:
    """One number. ``value`` is its text in the file, so that the database gets the same digits."""

    line: int
    company: str
    department: str
    metric: str
    day: date
    value: str


@dataclass
class FileMetric:
    """A metric of a company. ``line`` is the first that has it.

    ``units`` are its spellings in the file, each with its first line. ``declared`` has the values of ``DECLARATIONS``.
    """

    line: int
    company: str
    name: str
    aggregation: str
    units: dict[str, int] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return metric_key(self.name)


@dataclass(frozen=True)
class KpiFile:
    """``metrics`` by (company, metric key); a row's metric is ``metrics[row.company, metric_key(row.metric)]``.

    ``skipped`` counts the lines without a number ("", "N/A"). Without a column of departments, all rows are of
    department ``All``.
    """

    rows: tuple[KpiRow, ...]
    metrics: Mapping[tuple[str, str], FileMetric]
    skipped: int = 0
    has_departments: bool = True


def read_kpi_file(path: Path, defaults: Mapping[str, str] | None = None) -> tuple[KpiFile, list[LineProblem]]:
    """The valid rows, and the problems of all other rows. ``defaults`` are values for columns that the file lacks.

    Raises OSError if the file cannot be opened.
    """
    problems: list[LineProblem] = []
    table = read_table(path, HEADER, problems)
    lines = list(numbered_lines(table, defaults or {}, problems)) if table else []
    shown = [(number, line) for number, line in lines if not line.has_no_number]
    rows = tuple(_row(number, line.texts) for number, line in shown if has_number(line.texts))
    metrics = _metrics([(number, line.texts) for number, line in shown], problems)
    _check_duplicates(rows, problems)
    if not shown and not problems:
        problems.append(LineProblem(0, "has no line with a number" if lines else "holds no rows"))
    has_departments = table is None or "department" in table.columns or bool((defaults or {}).get("department"))
    file = KpiFile(rows, metrics, skipped=len(lines) - len(shown), has_departments=has_departments)
    return file, sorted(problems, key=lambda problem: problem.line)


def _row(number: int, line: Line) -> KpiRow:
    day = date.fromisoformat(line["date"])
    return KpiRow(number, line["company"], line["department"], line["metric"], day, line["value"])


def _metrics(lines: Iterable[tuple[int, Line]], problems: list[LineProblem]) -> dict[tuple[str, str], FileMetric]:
    metrics: dict[tuple[str, str], FileMetric] = {}
    for number, line in lines:
        company, name, aggregation = line["company"], line["metric"], line["aggregation"].lower()
        metric = FileMetric(number, company, name, aggregation)
        first = metrics.setdefault((company, metric.key), metric)
        first.units.setdefault(line["unit"], number)
        said = f"{name} of {company} is"
        if first.aggregation != aggregation:
            problems.append(
                LineProblem(number, f"{said} {aggregation} here, but {first.aggregation} in line {first.line}")
            )
        for column in DECLARATIONS:
            value = line.get(column, "")
            if value and _spelt(column, first.declared.setdefault(column, value)) != _spelt(column, value):
                problems.append(
                    LineProblem(number, f"{column} of {name} is {value} here, but {first.declared[column]} before")
                )
    return metrics


def _spelt(column: str, value: str) -> str:
    return value.lower() if column in ("direction", "grain") else metric_key(value)


def _check_duplicates(rows: tuple[KpiRow, ...], problems: list[LineProblem]) -> None:
    lines: dict[tuple[str, str, str, date], int] = {}
    for row in rows:
        first = lines.setdefault((row.company, row.department, metric_key(row.metric), row.day), row.line)
        if first != row.line:
            problems.append(
                LineProblem(
                    row.line,
                    f"{row.metric} of {row.company}, {row.department} on {row.day} is in line {first} already",
                )
            )
