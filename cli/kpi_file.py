"""Reads a KPI file: checks every line, reports every problem with its line, keeps every digit of a number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cli.kpi_line import COLUMNS, DECLARATIONS, Line, has_number, metric_key, problems_of


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
    """``metrics`` by (company, metric key); a row's metric is ``metrics[row.company, metric_key(row.metric)]``."""

    rows: tuple[KpiRow, ...]
    metrics: Mapping[tuple[str, str], FileMetric]


def read_kpi_file(path: Path) -> tuple[KpiFile, list[LineProblem]]:
    """The valid rows, and the problems of all other rows. Raises OSError if the file cannot be opened."""
    problems: list[LineProblem] = []
    lines = list(_lines(path, problems))
    rows = tuple(_row(number, line) for number, line in lines if has_number(line))
    metrics = _metrics(lines, problems)
    _check_duplicates(rows, problems)
    if not lines and not problems:
        problems.append(LineProblem(0, "holds no rows"))
    return KpiFile(rows, metrics), sorted(problems, key=lambda problem: problem.line)


def _lines(path: Path, problems: list[LineProblem]) -> Iterator[tuple[int, Line]]:
    """The valid lines, each with its number."""
    try:
        text = path.read_bytes().decode("utf-8-sig")  # spreadsheets put a byte order mark in front
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        problems.append(LineProblem(number, "is not UTF-8; save the file as CSV UTF-8"))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: list[str] | None = None
    number = 1
    try:
        for fields in reader:
            start, number = number, reader.line_num + 1
            if not any(field.strip() for field in fields):
                continue
            if columns is None:
                columns = _columns(fields, start, problems)
                if columns is None:
                    return
            elif line := _line(fields, columns, start, problems):
                yield start, line
    except csv.Error as error:
        problems.append(LineProblem(number, f"is not CSV: {error}"))


def _columns(header: list[str], line: int, problems: list[LineProblem]) -> list[str] | None:
    """The names of the header; None if it is wrong."""
    names = [name.strip().lower() for name in header]
    if set(COLUMNS) <= set(names) <= {*COLUMNS, *DECLARATIONS} and len(set(names)) == len(names):
        return names
    message = f"the header must be {','.join(COLUMNS)}, but is {','.join(header)[:200]}"
    problems.append(LineProblem(line, f"{message}; it may also have {', '.join(DECLARATIONS)}"))
    return None


def _line(fields: list[str], columns: list[str], number: int, problems: list[LineProblem]) -> Line | None:
    if len(fields) != len(columns):
        problems.append(LineProblem(number, f"has {len(fields)} fields, but needs {len(columns)}"))
        return None
    line = dict(zip(columns, (text.strip() for text in fields), strict=True))
    messages = list(problems_of(line))
    problems.extend(LineProblem(number, message) for message in messages)
    return None if messages else line


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
