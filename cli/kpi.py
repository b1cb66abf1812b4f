"""``baton kpi import``: imports a CSV file with a person's own numbers into schema ``company``, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from baton.errors import BatonError
from cli.kpi_file import KpiFile, read_kpi_file
from cli.kpi_store import ImportResult, write
from cli.kpi_table import LineProblem
from cli.kpi_weights import Unweighted

MAX_PROBLEMS_SHOWN = 20
MAX_NAMES_SHOWN = 10


class ImportRefused(BatonError):
    """Nothing was imported. ``problems`` are all problems of the file; the message shows the first of them."""

    def __init__(self, path: Path, problems: Sequence[LineProblem]) -> None:
        shown = [f"{path.name}:{problem}" for problem in problems[:MAX_PROBLEMS_SHOWN]]
        if len(problems) > MAX_PROBLEMS_SHOWN:
            shown.append(f"… and {len(problems) - MAX_PROBLEMS_SHOWN} more")
        super().__init__("nothing was imported:\n" + "\n".join(shown))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class ImportReport:
    """The result of an import. ``metrics`` are the names in the database, which parameters of a run can use.

    ``start`` and ``end`` are None for a file without numbers. ``plans`` are metrics that were taken as plans because of
    their names, each with the name of its actual. ``skipped`` counts the lines without a number. ``unweighted`` are
    averages whose numbers all count alike.
    """

    organization: str
    rows: int
    inserted: int
    updated: int
    companies: tuple[str, ...]
    departments: tuple[str, ...]
    metrics: tuple[str, ...]
    start: date | None
    end: date | None
    plans: tuple[tuple[str, str], ...] = ()
    skipped: int = 0
    has_departments: bool = True
    unweighted: tuple[Unweighted, ...] = ()

    @property
    def unchanged(self) -> int:
        return self.rows - self.inserted - self.updated

    @property
    def metrics_in_short(self) -> str:
        """The names of the metrics in a line, at most ``MAX_NAMES_SHOWN``."""
        names = list(dict.fromkeys(self.metrics))
        more = f" and {len(names) - MAX_NAMES_SHOWN} more" if len(names) > MAX_NAMES_SHOWN else ""
        return ", ".join(names[:MAX_NAMES_SHOWN]) + more


def import_csv(
    database_url: str, path: str | Path, organization: str, given: Mapping[str, str] | None = None
) -> ImportReport:
    """Import ``company,department,metric,unit,aggregation,date,value`` rows in one transaction.

    Columns of ``kpi_line.DECLARATIONS`` may describe the metrics (docs/kpi-data.md). ``given`` has the values of
    columns that the file lacks, such as ``{"company": "Acme"}``.

    The import creates missing companies, departments and metrics. It replaces existing numbers (same company,
    department, metric and day), so importing a file again changes nothing. A metric belongs to its company, unless the
    organisation shares a metric with the same name, unit and aggregation: then the import uses the shared one.

    Raises:
        ImportRefused: the file cannot be read or contradicts itself or the database; nothing was written.
        psycopg.OperationalError: the database cannot be reached.
    """
    path = Path(path)
    try:
        file, problems = read_kpi_file(path, given)
    except OSError as error:
        raise ImportRefused(path, [LineProblem(0, f"cannot be read: {error.strerror}")]) from error
    if problems:
        raise ImportRefused(path, problems)
    with psycopg.connect(database_url, prepare_threshold=None) as connection:
        result = write(connection, file, organization)
        if result.problems:
            raise ImportRefused(path, result.problems)  # the error rolls the transaction back
    return _report(file, result, organization)


def _report(file: KpiFile, result: ImportResult, organization: str) -> ImportReport:
    days = [row.day for row in file.rows]
    return ImportReport(
        organization=organization,
        rows=len(file.rows),
        inserted=result.inserted,
        updated=result.updated,
        companies=tuple(dict.fromkeys(metric.company for metric in file.metrics.values())),
        departments=tuple(dict.fromkeys(row.department for row in file.rows)),
        metrics=result.metrics,
        start=min(days, default=None),
        end=max(days, default=None),
        plans=result.plans,
        skipped=file.skipped,
        has_departments=file.has_departments,
        unweighted=result.unweighted,
    )
