"""A person's own CSV file in the demo: imported beside the demo's numbers, and asked for in a sensible way."""

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
from cli.kpi_file import LineProblem, read_kpi_file
from cli.screen import Screen

MOST_KPIS = 5
MOST_DAYS, MOST_WEEKS = 31, 26  # above this many periods, the next longer period is easier to read


@dataclass(frozen=True)
class OwnNumbers:
    """``organization`` follows from what the file says: another file's numbers are never mixed with them."""

    path: Path
    organization: str
    start: date
    end: date
    grouping: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises ImportRefused if the file cannot be used, before anything is started."""
        try:
            content = path.read_bytes()
            file, problems = read_kpi_file(path)
        except OSError as error:
            raise ImportRefused(path, [LineProblem(0, f"cannot be read: {error.strerror}")]) from error
        if problems:
            raise ImportRefused(path, problems)
        organization = f"data-{hashlib.sha256(content).hexdigest()[:12]}"
        return cls(path, organization, *range_and_grouping(row.day for row in file.rows))

    def load(self, database_url: str, screen: Screen) -> dict[str, Any]:
        """Import the file; answers the parameters of a run that asks for what is in it."""
        report = import_csv(database_url, self.path, self.organization)
        kpis = list(dict.fromkeys(report.metrics))
        screen.line(f"Imported {report.rows} rows of {', '.join(report.companies)}: {report.metrics_in_short}")
        if len(kpis) > MOST_KPIS:
            screen.line(f"Asking for the first {MOST_KPIS} of them; `retry` at the checkpoint can ask for others.")
        return {
            "kpi_names": kpis[:MOST_KPIS],
            "start_date": self.start.isoformat(),
            "end_date": self.end.isoformat(),
            "grouping": self.grouping,
        }


def range_and_grouping(days: Iterable[date]) -> tuple[date, date, str]:
    """First day, last day, and the shortest period that is no finer than the numbers and gives a readable table.

    A number that comes once a month or week stands for all of it, so the range ends where its period does.
    """
    ordered = sorted(set(days))
    start, end = ordered[0], ordered[-1]
    gap = median([(later - earlier).days for earlier, later in pairwise(ordered)] or [1])
    if gap >= 28:
        return start.replace(day=1), end.replace(day=monthrange(end.year, end.month)[1]), "month"
    if gap >= 7:
        start, end = start - timedelta(days=start.weekday()), end + timedelta(days=6 - end.weekday())
    if end - start > timedelta(weeks=MOST_WEEKS):
        return start, end, "month"
    return start, end, "week" if gap >= 7 or end - start > timedelta(days=MOST_DAYS) else "day"
