"""One line of a KPI file: its columns, and the problems of their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from cli.kpi_table import Header

COLUMNS = ("company", "department", "metric", "unit", "aggregation", "date", "value")
DECLARATIONS = ("direction", "grain", "plan_of", "weight", "numerator", "denominator")
"""Columns that a file may also have. A value in one line is a value for the metric."""
SYNONYMS = {
    **dict.fromkeys(("entity", "legal entity", "organisation", "organization"), "company"),
    **dict.fromkeys(("dept", "division", "team", "business unit", "cost center", "cost centre"), "department"),
    **dict.fromkeys(("kpi", "measure", "indicator", "account"), "metric"),
    **dict.fromkeys(("currency", "unit of measure", "uom"), "unit"),
    **dict.fromkeys(("agg", "aggregate"), "aggregation"),
    **dict.fromkeys(("day", "week", "month", "quarter", "year", "period"), "date"),
    **dict.fromkeys(("amount", "number", "figure"), "value"),
}
HEADER = Header(COLUMNS, DECLARATIONS, SYNONYMS)
AGGREGATIONS = ("sum", "avg", "last", "distinct", "ratio")
WORDS = {"direction": ("up", "down", "none"), "grain": ("day", "week", "month", "quarter", "year")}
MAX_NAME_CHARACTERS = 200
MIN_DATE, MAX_DATE = date(1900, 1, 1), date(2199, 12, 31)  # the range of dates that agents accept
_NUMBER = re.compile(r"[+-]?\d{1,60}(\.\d{0,40})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_IGNORED_IN_NAMES = re.compile(r"[\s_-]+")
_OF_A_NUMBER = ("department", "date", "value")

Line = Mapping[str, str]
"""The texts of a line by column, without spaces at their ends."""


def metric_key(name: str) -> str:
    """The common key of all spellings of a metric; equal to column ``name_key`` of ``company.kpi_metrics``."""
    return _IGNORED_IN_NAMES.sub("", name).lower()


def has_number(line: Line) -> bool:
    """Whether the line has a number. A line without department, date and value only describes its metric."""
    return any(line[column] for column in _OF_A_NUMBER)


def problems_of(line: Line) -> Iterator[str]:
    """Every problem of the line, as the rest of a sentence."""
    numbered = has_number(line) or (line["aggregation"].lower() != "ratio" and not any(map(line.get, DECLARATIONS)))
    names = ("company", "department", "metric", "unit") if numbered else ("company", "metric", "unit")
    for column in names:
        yield from _name_problems(column, line[column])
    if line["metric"] and not metric_key(line["metric"]):
        yield f"metric must hold more than spaces, underscores and hyphens: {line['metric']!r}"
    if line["aggregation"].lower() not in AGGREGATIONS:
        yield f"aggregation must be one of {', '.join(AGGREGATIONS)}, not {line['aggregation']!r}"
    if numbered:
        yield from _number_problems(line)
    yield from _declaration_problems(line)


def _name_problems(column: str, name: str) -> Iterator[str]:
    if not 0 < len(name) <= MAX_NAME_CHARACTERS:
        yield f"{column} must have 1 to {MAX_NAME_CHARACTERS} characters"
    elif _CONTROL.search(name):
        yield f"{column} must not hold control characters"


def _number_problems(line: Line) -> Iterator[str]:
    if line["aggregation"].lower() == "ratio":
        yield "a ratio has no numbers of its own; leave department, date and value empty, and import its two parts"
        return
    if not _is_date(line["date"]):
        yield f"date must be a day like 2024-07-31, not {line['date']!r}"
    elif not MIN_DATE <= date.fromisoformat(line["date"]) <= MAX_DATE:
        yield f"date must lie between {MIN_DATE} and {MAX_DATE}, but is {line['date']}"
    if not _NUMBER.fullmatch(line["value"]):
        yield f"value must be a plain decimal like -1234.5, not {line['value'][:60]!r}"


def _declaration_problems(line: Line) -> Iterator[str]:
    aggregation = line["aggregation"].lower()
    for column, words in WORDS.items():
        value = line.get(column, "").lower()
        if value and value not in words:
            yield f"{column} must be one of {', '.join(words)}, not {line[column]!r}"
    for column in ("numerator", "denominator"):
        if aggregation == "ratio" and not line.get(column):
            yield f"a ratio needs a {column}, the name of a metric"
        elif aggregation != "ratio" and line.get(column):
            yield f"{column} is for metrics with aggregation ratio, not {aggregation}"
    if line.get("weight") and aggregation != "avg":
        yield f"weight is for metrics with aggregation avg, not {aggregation}"


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
