"""The units of a KPI file, each in the one spelling of the database, and which of them are currencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from cli.kpi_file import FileMetric, KpiFile
from cli.kpi_table import LineProblem

# Of all units, only a currency has a spelling in capitals for its small letters.
UNITS = """
select unit, canonical, canonical ~ '^[A-Z]{3}$' and company.canonical_unit(lower(canonical)) = canonical
  from unnest(%s::text[]) as unit, company.canonical_unit(unit) as canonical
"""


@dataclass(frozen=True)
class Units:
    """``spellings`` has the one spelling of each unit. ``currencies`` are the spellings that are currencies."""

    spellings: Mapping[str, str]
    currencies: frozenset[str]

    def of(self, metric: FileMetric) -> str:
        return self.spellings[next(iter(metric.units))]


def find_units(connection: psycopg.Connection[Any], file: KpiFile, others: Iterable[str]) -> Units:
    """The units of the file, and ``others``."""
    known = {unit for metric in file.metrics.values() for unit in metric.units} | set(others)
    found = connection.execute(UNITS, (sorted(known),)).fetchall()
    return Units(
        {unit: canonical for unit, canonical, _ in found},
        frozenset(canonical for _, canonical, is_currency in found if is_currency),
    )


def unit_problems(file: KpiFile, units: Units) -> Iterator[LineProblem]:
    """Metrics that have several units in the file."""
    for metric in file.metrics.values():
        first = units.of(metric)
        for unit, line in metric.units.items():
            if units.spellings[unit] != first:
                message = f"is {units.spellings[unit]} here, but {first} in line {metric.line}"
                yield LineProblem(line, f"{metric.name} of {metric.company} {message}")
