"""The table in a file: its encoding, separator and header, in the shapes that spreadsheets write."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cli.kpi_dates import DateForms

SEPARATORS = (",", ";", "\t", "|")
MAX_LINES_BEFORE = 20  # titles and empty lines above the header
MAX_SHOWN = 200


@dataclass(frozen=True)
class LineProblem:
    """One problem of one line. Line 0 is the file as a whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.line}: {self.message}" if self.line else f" {self.message}"


class NotCsv(ValueError):
    """A record that begins in ``line`` is not CSV."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Header:
    """The columns that a table may have. ``synonyms`` are other names of them; of ``optional`` ones none is needed."""

    columns: tuple[str, ...]
    optional: tuple[str, ...]
    synonyms: Mapping[str, str]

    def name(self, text: str) -> str:
        name = " ".join(text.replace("_", " ").split()).lower()
        known = self.synonyms.get(name, name.replace(" ", "_"))
        return known if known in (*self.columns, *self.optional) else text.strip()

    def names(self, fields: Sequence[str]) -> list[str]:
        return [self.name(field) for field in fields]

    def fits(self, names: Sequence[str]) -> bool:
        """Whether the line is a header: it names two columns at least, or one beside periods."""
        known = sum(name in self.columns for name in names)
        return known >= 2 or (known == 1 and any(is_period(name) for name in names))


@dataclass(frozen=True)
class Table:
    """``lines`` are the lines below the header, by column, each with its number."""

    columns: tuple[str, ...]
    header_line: int
    lines: tuple[tuple[int, tuple[str, ...]], ...]
    separator: str


def is_period(text: str) -> bool:
    """Whether the head of a column is a date or a period, as in tables with a column for each month."""
    try:
        return DateForms().days(text) is not None
    except ValueError:
        return True


def read_table(path: Path, header: Header, problems: list[LineProblem]) -> Table | None:
    """The table, or None with a reason in ``problems``. Raises OSError if the file cannot be opened."""
    text = _text(path.read_bytes(), problems)
    if text is None:
        return None
    skipped, body, separators = _announced(text)
    separator = next((one for one in separators if _header_at(body, one, header)), separators[0])
    lines: list[tuple[int, tuple[str, ...]]] = []
    names: list[str] | None = None
    at = _header_at(body, separator, header)
    header_line = 0
    for number, fields in _records(body, separator, skipped, problems):
        if names is not None:
            lines.append((number, tuple(field.strip() for field in fields)))
        elif at is None or number - skipped == at:
            names, header_line = header.names(fields), number
    if names is None:
        return None
    if at is None:
        shown = separator.join(next(iter(_read(body, separator)))[1])[:MAX_SHOWN]
        problems.append(LineProblem(header_line, wrong_header(header, shown)))
        return None
    while names and not names[-1]:  # empty columns at the right
        names.pop()
    kept = tuple(
        (number, fields[: len(names)] if not any(fields[len(names) :]) else fields) for number, fields in lines
    )
    return Table(tuple(names), header_line, kept, separator)


def wrong_header(header: Header, shown: str) -> str:
    return (
        f"the header must be {','.join(header.columns)}, but is {shown}; it may also have {', '.join(header.optional)}"
    )


def _text(content: bytes, problems: list[LineProblem]) -> str | None:
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig")  # spreadsheets put a byte order mark in front
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        problems.append(LineProblem(number, "is not UTF-8; save the file as CSV UTF-8"))
        return None


def _announced(text: str) -> tuple[int, str, Sequence[str]]:
    """The number of lines before the table, the table, and the separators that it may have: ``sep=;`` names it."""
    first, _, rest = text.partition("\n")
    line = first.strip().strip('"')
    if line[:4].lower() == "sep=" and len(line) == len("sep=,"):
        return 1, rest, (line[4],)
    return 0, text, SEPARATORS


def _header_at(text: str, separator: str, header: Header) -> int | None:
    """The line of the header."""
    try:
        for number, fields in islice(_read(text, separator), MAX_LINES_BEFORE):
            if header.fits(header.names(fields)):
                return number
    except NotCsv:
        return None  # with this separator
    return None


def _records(text: str, separator: str, skipped: int, problems: list[LineProblem]) -> Iterator[tuple[int, list[str]]]:
    try:
        for line, fields in _read(text, separator):
            yield line + skipped, fields
    except NotCsv as error:
        problems.append(LineProblem(error.line + skipped, f"is not CSV: {error}"))


def _read(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not empty, each with the number of the line where it begins. Raises NotCsv."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield start, fields
            start = reader.line_num + 1
    except csv.Error as error:
        raise NotCsv(start, str(error)) from error
