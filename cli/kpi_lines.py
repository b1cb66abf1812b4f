"""The lines of a KPI table by column: with the columns that it lacks, one number a line, plain dates and decimals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cli.kpi_dates import DateForms, UnclearDate
from cli.kpi_line import COLUMNS, DECLARATIONS, HEADER, Line, problems_of
from cli.kpi_numbers import NO_NUMBER, NumberForms, UnclearNumber
from cli.kpi_table import LineProblem, Table, is_period, wrong_header

ALL = "All"
"""The department of numbers whose file has no departments."""
GIVEN = ("company", "department", "unit", "aggregation")
"""Columns that a file may lack if one value is given for all its lines."""


@dataclass(frozen=True)
class KpiLine:
    """``has_no_number``: the line has a date, but its value is empty or "N/A". That is no data, and not zero."""

    texts: Line
    has_no_number: bool = False


def numbered_lines(
    table: Table, defaults: Mapping[str, str], problems: list[LineProblem]
) -> Iterator[tuple[int, KpiLine]]:
    """The valid lines, each with its number."""
    given = {"department": ALL, **{column: value for column, value in defaults.items() if value}}
    periods = [name for name in table.columns if is_period(name)] if "date" not in table.columns else []
    if not _is_right(table, given, periods, problems):
        return
    raw = [
        (number, line) for number, fields in table.lines for line in _lines(fields, number, table, periods, problems)
    ]
    for _, line in raw:
        absent = {column: value for column, value in given.items() if column not in table.columns}
        only_describes = not line["date"] and not line["value"]
        line.update({**absent, "department": ""} if only_describes and "department" in absent else absent)
    dates = DateForms.of(line["date"] for _, line in raw)
    numbers = NumberForms.of((line["value"] for _, line in raw), semicolons=table.separator == ";")
    for number, line in raw:
        messages = [*_plain(line, dates, numbers)]
        has_no_number = line["value"].lower() in NO_NUMBER and bool(line["date"])
        messages += problems_of({**line, "value": "0"} if has_no_number else line)
        problems.extend(LineProblem(number, message) for message in messages)
        if not messages:
            yield number, KpiLine(line, has_no_number)


def _is_right(table: Table, given: Mapping[str, str], periods: Sequence[str], problems: list[LineProblem]) -> bool:
    """Whether the header has all columns, each once, and no other."""
    names = table.columns
    needed = [column for column in COLUMNS if not (periods and column in ("date", "value"))]
    missing = [column for column in needed if column not in names and column not in given]
    other = [name for name in names if name not in (*COLUMNS, *DECLARATIONS, *periods)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    message = ""
    if repeated:
        message = f"the header has {', '.join(repeated)} twice (other names of a column count, too)"
    elif missing and set(missing) <= set(GIVEN):
        options = ", ".join(f"--{column}" for column in missing)
        message = (
            f"the header lacks {', '.join(missing)}; add the columns, or give one value for all lines with {options}"
        )
    elif periods and other:
        message = f"{', '.join(other)[:200]} in the header is neither a column nor a period; leave it out"
    elif missing or other:
        message = wrong_header(HEADER, table.separator.join(names)[:200])
    if message:
        problems.append(LineProblem(table.header_line, message))
    return not message


def _lines(
    fields: Sequence[str], number: int, table: Table, periods: Sequence[str], problems: list[LineProblem]
) -> Iterator[dict[str, str]]:
    """The line, or one for each period of a table that has a column for each."""
    if len(fields) != len(table.columns):
        problems.append(LineProblem(number, f"has {len(fields)} fields, but needs {len(table.columns)}"))
        return
    line = dict(zip(table.columns, fields, strict=True))
    own = {name: text for name, text in line.items() if name not in periods}
    for period in periods:
        yield {**own, "date": period, "value": line[period]}
    if not periods:
        yield own


def _plain(line: dict[str, str], dates: DateForms, numbers: NumberForms) -> Iterator[str]:
    """Write date and value in their plain forms. A text in no known form stays, and its problem is found later."""
    try:
        days = dates.days(line["date"])
        line["date"] = days.first.isoformat() if days else line["date"]
    except UnclearDate as error:
        line["date"] = "2000-01-01"  # the line has a problem already
        yield str(error)
    if line["value"].lower() in NO_NUMBER:
        return
    try:
        line["value"] = numbers.plain(line["value"], line["unit"]) or line["value"]
    except UnclearNumber as error:
        line["value"] = "0"
        yield str(error)
