"""Reads a KPI file: checks every line, reports every problem with its line, keeps every digit of a number."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

COLUMNS = ("company", "department", "metric", "unit", "aggregation", "date", "value")
AGGREGATIONS = ("sum", "avg", "last")
MAX_NAME_CHARACTERS = 200
MIN_DATE, MAX_DATE = date(1900, 1, 1), date(2199, 12, 31)  # the range of dates that agents accept
_NUMBER = re.compile(r"[+-]?\d{1,60}(\.\d{0,40})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_IGNORED_IN_NAMES = re.compile(r"[\s_-]+")


@dataclass(frozen=True)
class LineProblem:
    """One problem of one line. Line 0 is the file as a whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.line}: {self.message}" if self.line else f" {self.message}"


@dataclass(frozen=True)
class KpiRow:
    """One number. ``value`` is its text in the file, so that the database gets the same digits."""

    line: int
    company: str
    department: str
    metric: str
    unit: str
    aggregation: str
    day: date
    value: str


@dataclass(frozen=True)
class FileMetric:
    """A metric of a company, from the first line that has it."""

    line: int
    company: str
    name: str
    unit: str
    aggregation: str


@dataclass(frozen=True)
class KpiFile:
    """``metrics`` by (company, metric key); a row's metric is ``metrics[row.company, metric_key(row.metric)]``."""

    rows: tuple[KpiRow, ...]
    metrics: dict[tuple[str, str], FileMetric]


def metric_key(name: str) -> str:
    """The common key of all spellings of a metric; equal to column ``name_key`` of ``company.kpi_metrics``."""
    return _IGNORED_IN_NAMES.sub("", name).lower()


def read_kpi_file(path: Path) -> tuple[KpiFile, list[LineProblem]]:
    """The valid rows, and the problems of all other rows. Raises OSError if the file cannot be opened."""
    problems: list[LineProblem] = []
    rows = tuple(_rows(path, problems))
    metrics = _metrics(rows, problems)
    _check_duplicates(rows, problems)
    if not rows and not problems:
        problems.append(LineProblem(0, "holds no rows"))
    return KpiFile(rows, metrics), sorted(problems, key=lambda problem: problem.line)


def _rows(path: Path, problems: list[LineProblem]) -> Iterator[KpiRow]:
    try:
        text = path.read_bytes().decode("utf-8-sig")  # spreadsheets put a byte order mark in front
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(LineProblem(line, "is not UTF-8; save the file as CSV UTF-8"))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    order: list[int] | None = None
    line = 1
    try:
        for fields in reader:
            start, line = line, reader.line_num + 1
            if not any(field.strip() for field in fields):
                continue
            if order is None:
                order = _column_order(fields, start, problems)
                if order is None:
                    return
            elif row := _row(fields, order, start, problems):
                yield row
    except csv.Error as error:
        problems.append(LineProblem(line, f"is not CSV: {error}"))


def _column_order(header: list[str], line: int, problems: list[LineProblem]) -> list[int] | None:
    """The position of each of ``COLUMNS`` in the header; None if the header is wrong."""
    names = [name.strip().lower() for name in header]
    if sorted(names) != sorted(COLUMNS):
        problems.append(LineProblem(line, f"the header must be {','.join(COLUMNS)}, but is {','.join(header)[:200]}"))
        return None
    return [names.index(column) for column in COLUMNS]


def _row(fields: list[str], order: list[int], line: int, problems: list[LineProblem]) -> KpiRow | None:
    if len(fields) != len(COLUMNS):
        problems.append(LineProblem(line, f"has {len(fields)} fields, but needs {len(COLUMNS)}"))
        return None
    company, department, metric, unit, aggregation, day, value = (fields[index].strip() for index in order)
    messages = list(_problems_of(company, department, metric, unit, aggregation, day, value))
    if messages:
        problems.extend(LineProblem(line, message) for message in messages)
        return None
    return KpiRow(line, company, department, metric, unit, aggregation.lower(), date.fromisoformat(day), value)


def _problems_of(
    company: str, department: str, metric: str, unit: str, aggregation: str, day: str, value: str
) -> Iterator[str]:
    for column, name in zip(COLUMNS, (company, department, metric, unit), strict=False):
        if not 0 < len(name) <= MAX_NAME_CHARACTERS:
            yield f"{column} must have 1 to {MAX_NAME_CHARACTERS} characters"
        elif _CONTROL.search(name):
            yield f"{column} must not hold control characters"
    if metric and not metric_key(metric):
        yield f"metric must hold more than spaces, underscores and hyphens: {metric!r}"
    if aggregation.lower() not in AGGREGATIONS:
        yield f"aggregation must be one of {', '.join(AGGREGATIONS)}, not {aggregation!r}"
    if not _is_date(day):
        yield f"date must be a day like 2024-07-31, not {day!r}"
    elif not MIN_DATE <= date.fromisoformat(day) <= MAX_DATE:
        yield f"date must lie between {MIN_DATE} and {MAX_DATE}, but is {day}"
    if not _NUMBER.fullmatch(value):
        yield f"value must be a plain decimal like -1234.5, not {value[:60]!r}"


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _metrics(rows: tuple[KpiRow, ...], problems: list[LineProblem]) -> dict[tuple[str, str], FileMetric]:
    metrics: dict[tuple[str, str], FileMetric] = {}
    for row in rows:
        metric = FileMetric(row.line, row.company, row.metric, row.unit, row.aggregation)
        first = metrics.setdefault((row.company, metric_key(row.metric)), metric)
        if (first.unit, first.aggregation) != (row.unit, row.aggregation):
            problems.append(
                LineProblem(
                    row.line,
                    f"{row.metric} of {row.company} is {row.unit}, {row.aggregation} here, "
                    f"but {first.unit}, {first.aggregation} in line {first.line}",
                )
            )
    return metrics


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
