"""``baton kpi import``: a person's own numbers from a CSV file into schema ``company``, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from baton.errors import BatonError
from cli.kpi_file import KpiFile, LineProblem, read_kpi_file
from cli.kpi_store import Written, write

MOST_PROBLEMS_SHOWN = 20
MOST_NAMES_SHOWN = 10


class ImportRefused(BatonError):
    """Nothing was imported. ``problems`` has everything found; the message shows the first of them, by line."""

    def __init__(self, path: Path, problems: Sequence[LineProblem]) -> None:
        shown = [f"{path.name}:{problem}" for problem in problems[:MOST_PROBLEMS_SHOWN]]
        if len(problems) > MOST_PROBLEMS_SHOWN:
            shown.append(f"… and {len(problems) - MOST_PROBLEMS_SHOWN} more")
        super().__init__("nothing was imported:\n" + "\n".join(shown))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class ImportReport:
    """What an import did. ``metrics`` are the names as the database knows them, by which they can be asked for."""

    organization: str
    rows: int
    inserted: int
    updated: int
    companies: tuple[str, ...]
    departments: tuple[str, ...]
    metrics: tuple[str, ...]
    start: date
    end: date

    @property
    def unchanged(self) -> int:
        return self.rows - self.inserted - self.updated

    @property
    def metrics_in_short(self) -> str:
        """The names of the metrics in a line, the first few if they are many."""
        names = list(dict.fromkeys(self.metrics))
        more = f" and {len(names) - MOST_NAMES_SHOWN} more" if len(names) > MOST_NAMES_SHOWN else ""
        return ", ".join(names[:MOST_NAMES_SHOWN]) + more


def import_csv(database_url: str, path: str | Path, organization: str) -> ImportReport:
    """Import ``company,department,metric,unit,aggregation,date,value`` rows in one transaction.

    Companies, departments and metrics that are not there yet are made. Numbers that are there already (same company,
    department, metric and day) are replaced, so importing a file again changes nothing. A metric belongs to its
    company, unless the organisation shares one of the same name, unit and aggregation: then that one is used.

    Raises:
        ImportRefused: the file cannot be read or contradicts itself or the database; nothing was written.
        psycopg.OperationalError: the database cannot be reached.
    """
    path = Path(path)
    try:
        file, problems = read_kpi_file(path)
    except OSError as error:
        raise ImportRefused(path, [LineProblem(0, f"cannot be read: {error.strerror}")]) from error
    if problems:
        raise ImportRefused(path, problems)
    with psycopg.connect(database_url, prepare_threshold=None) as connection:
        written = write(connection, file, organization)
        if written.problems:
            raise ImportRefused(path, written.problems)  # leaving the block by an error rolls back
    return _report(file, written, organization)


def _report(file: KpiFile, written: Written, organization: str) -> ImportReport:
    days = [row.day for row in file.rows]
    return ImportReport(
        organization=organization,
        rows=len(file.rows),
        inserted=written.inserted,
        updated=written.updated,
        companies=tuple(dict.fromkeys(row.company for row in file.rows)),
        departments=tuple(dict.fromkeys(row.department for row in file.rows)),
        metrics=written.metrics,
        start=min(days),
        end=max(days),
    )
