"""What a KPI file declares about its metrics: the columns of the database, plans by their names, and wrong names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.kpi_file import FileMetric, KpiFile
from cli.kpi_in_use import MetricInUse, MetricKey
from cli.kpi_line import metric_key
from cli.kpi_table import LineProblem
from cli.kpi_units import Units

_NAMING = ("plan_of", "weight", "numerator", "denominator")  # declarations that name another metric
_SIDES = ("numerator", "denominator")
_PLAN_WORDS = frozenset("budget budgeted plan planned target forecast".split())
_WORDS = re.compile(r"[\W_]+")


def declared_columns(metric: FileMetric, plan_of: str | None) -> dict[str, Any]:
    """The columns that the file declares. "none" declares that there is nothing."""
    said = metric.declared
    declared: dict[str, Any] = {
        column: None if value.lower() == "none" else value for column, value in said.items() if column not in _SIDES
    }
    for column in ("direction", "grain"):
        if declared.get(column):
            declared[column] = declared[column].lower()
    if "numerator" in said:
        declared["formula"] = {side: {said[side]: 1} for side in _SIDES}
    if plan_of is not None:
        declared["plan_of"] = plan_of
    return declared


def plans_by_name(
    file: KpiFile, units: Units, in_use: Mapping[MetricKey, Sequence[MetricInUse]]
) -> Iterator[tuple[MetricKey, str]]:
    """New metrics that are named as another one, of the same unit and aggregation, with a word such as "budget"."""
    for key, metric in file.metrics.items():
        if "plan_of" in metric.declared or key in in_use:
            continue
        words = [word for word in _WORDS.split(metric.name) if word]
        for word, rest in ((words[0], words[1:]), (words[-1], words[:-1])) if len(words) > 1 else ():
            actual = file.metrics.get((metric.company, metric_key("".join(rest))))
            if word.lower() in _PLAN_WORDS and actual and _kind(actual, units) == _kind(metric, units):
                yield key, actual.name
                break


def _kind(metric: FileMetric, units: Units) -> tuple[str, str]:
    return units.of(metric), metric.aggregation


@dataclass(frozen=True)
class _Named:
    """A metric that a declaration names: what it is in the file, or else in the database."""

    name: str
    unit: str
    aggregation: str


def declaration_problems(
    file: KpiFile, units: Units, in_use: Mapping[MetricKey, Sequence[MetricInUse]]
) -> Iterator[LineProblem]:
    """Declarations that name no metric of the company, or one that does not fit."""
    for metric in file.metrics.values():
        named = {column: _named(metric, column, file, units, in_use) for column in _NAMING}
        for message in _problems(metric, named, units):
            yield LineProblem(metric.line, message)


def _named(
    metric: FileMetric, column: str, file: KpiFile, units: Units, in_use: Mapping[MetricKey, Sequence[MetricInUse]]
) -> list[_Named]:
    """The metrics that the column may mean: several if the company has its own and shares others of that name."""
    key = metric.company, metric_key(metric.declared.get(column, ""))
    if key in file.metrics:
        own = file.metrics[key]
        return [_Named(own.name, units.of(own), own.aggregation)]
    return [_Named(one.name, one.unit, one.aggregation) for one in in_use.get(key, ())]


def _problems(metric: FileMetric, named: Mapping[str, Sequence[_Named]], units: Units) -> Iterator[str]:
    for column, found in named.items():
        name = metric.declared.get(column, "none")
        if name.lower() == "none":
            continue
        if not found:
            yield f"{column} of {metric.name} names {name}, but {metric.company} has no such metric"
        elif column != "plan_of" and any(one.aggregation == "ratio" for one in found):
            yield f"{column} of {metric.name} names {name}, which is a ratio itself"
        elif column == "plan_of" and all(one.unit != units.of(metric) for one in found):
            yield (
                f"{metric.name} is {units.of(metric)}, but {name}, of which it is the plan, is {found[0].unit}; "
                "record both in one unit"
            )
    yield from _two_currencies(metric, named, units)


def _two_currencies(metric: FileMetric, named: Mapping[str, Sequence[_Named]], units: Units) -> Iterator[str]:
    """A ratio of amounts in two currencies. Parts that the database has in several units may fit."""
    above, below = (named[side] for side in _SIDES)
    if len(above) != 1 or len(below) != 1 or above[0].unit == below[0].unit:
        return
    if {above[0].unit, below[0].unit} <= units.currencies:
        yield (
            f"{metric.name} of {metric.company} divides {above[0].name} in {above[0].unit} by {below[0].name} in "
            f"{below[0].unit}; record both in one currency"
        )
