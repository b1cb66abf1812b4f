"""A person's own CSV file in the demo: imports it, and chooses KPIs, dates and periods for the run."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Self

from cli.kpi import ImportRefused, import_csv
from cli.kpi_file import read_kpi_file
from cli.kpi_table import LineProblem
from cli.kpi_weights import weight_hints
from cli.screen import Screen

MAX_KPIS = 5
MAX_DAYS, MAX_WEEKS = 31, 26  # with more periods than this, a longer period is easier to read


@dataclass(frozen=True)
class OwnNumbers:
    """A CSV file. ``organization`` is derived from its content, so that the numbers of two files are never mixed."""

    path: Path
    organization: str
    start: date
    end: date
    grouping: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read and check the file, before anything is started. Raises ImportRefused."""
        try:
            content = path.read_bytes()
            file, problems = read_kpi_file(path)
        except OSError as error:
            raise ImportRefused(path, [LineProblem(0, f"cannot be read: {error.strerror}")]) from error
        if not file.rows and not problems:
            problems = [LineProblem(0, "holds no numbers, only descriptions of metrics")]
        if problems:
            raise ImportRefused(path, problems)
        organization = f"data-{hashlib.sha256(content).hexdigest()[:12]}"
        return cls(path, organization, *range_and_grouping(row.day for row in file.rows))

    def load(self, database_url: str, screen: Screen) -> dict[str, Any]:
        """Import the file; returns the parameters of a run about its numbers."""
        report = import_csv(database_url, self.path, self.organization)
        kpis = list(dict.fromkeys(report.metrics))
        screen.line(f"Imported {report.rows} rows of {', '.join(report.companies)}: {report.metrics_in_short}")
        for hint in weight_hints(report.unweighted):
            screen.line(hint)
        if len(kpis) > MAX_KPIS:
            screen.line(f"Asking for the first {MAX_KPIS} of them; `retry` at the checkpoint can ask for others.")
        return {
            "kpi_names": kpis[:MAX_KPIS],
            "start_date": self.start.isoformat(),
            "end_date": self.end.isoformat(),
            "grouping": self.grouping,
        }


def range_and_grouping(days: Iterable[date]) -> tuple[date, date, str]:
    """First day, last day, and the shortest period that suits the numbers and gives a readable table.

    A number that comes once a month or week is for the whole month or week, so the range contains the whole period.
    """
    ordered = sorted(set(days))
    start, end = ordered[0], ordered[-1]
    gap = median([(later - earlier).days for earlier, later in pairwise(ordered)] or [1])
    if gap >= 28:
        return start.replace(day=1), end.replace(day=monthrange(end.year, end.month)[1]), "month"
    if gap >= 7:
        start, end = start - timedelta(days=start.weekday()), end + timedelta(days=6 - end.weekday())
    if end - start > timedelta(weeks=MAX_WEEKS):
        return start, end, "month"
    return start, end, "week" if gap >= 7 or end - start > timedelta(days=MAX_DAYS) else "day"
