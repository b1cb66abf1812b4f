"""The metrics of a KPI file in the database: finds them, creates missing ones, and keeps what the file declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from cli.kpi_file import FileMetric, KpiFile
from cli.kpi_line import metric_key
from cli.kpi_table import LineProblem

MetricKey = tuple[str, str]  # company name, metric key

UNITS = "select unit, company.canonical_unit(unit) from unnest(%s::text[]) as unit"

# The metrics of each company: its own, and those that the organisation shares.
METRICS_IN_USE = """
select company.name as company, metric.id, metric.name, metric.unit, metric.aggregation, metric.direction, metric.grain,
       metric.plan_of, metric.weight, metric.formula, metric.company_id is null as is_shared,
       metric.company_id is null and exists (
         select 1
           from company.departments department
           join company.kpi_data data on data.department_id = department.id and data.metric_id = metric.id
          where department.company_id = company.id
       ) as has_shared_data
  from company.companies company
  join company.kpi_metrics metric
    on metric.organization_id = company.organization_id and coalesce(metric.company_id, company.id) = company.id
 where company.organization_id = %s and company.name = any (%s)
 order by is_shared
"""

ADD = """
insert into company.kpi_metrics
  (organization_id, company_id, name, unit, aggregation, direction, grain, plan_of, weight, formula)
select organization_id, id, %(name)s, %(unit)s, %(aggregation)s, %(direction)s, %(grain)s, %(plan_of)s, %(weight)s,
       %(formula)s
  from company.companies where organization_id = %(organization)s and name = %(company)s
returning id
"""

DECLARE = """
update company.kpi_metrics
   set direction = %(direction)s, grain = %(grain)s, plan_of = %(plan_of)s, weight = %(weight)s, formula = %(formula)s
 where id = %(id)s
"""

_PLAN_WORDS = frozenset("budget budgeted plan planned target forecast".split())
_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class MetricInUse:
    """A row of ``METRICS_IN_USE``."""

    company: str
    id: UUID
    name: str
    unit: str
    aggregation: str
    direction: str | None
    grain: str | None
    plan_of: str | None
    weight: str | None
    formula: dict[str, Any] | None
    is_shared: bool
    has_shared_data: bool


@dataclass(frozen=True)
class FoundMetrics:
    """The id and the name in the database of each metric of a file.

    ``plans`` are metrics that were taken as plans because of their names, each with the name of its actual. If there
    are ``problems``, the caller must roll back.
    """

    ids: Mapping[MetricKey, tuple[UUID, str]]
    plans: tuple[tuple[str, str], ...]
    problems: tuple[LineProblem, ...]


def find_metrics(connection: psycopg.Connection[Any], file: KpiFile, organization_id: UUID) -> FoundMetrics:
    """Find the metrics of the file, and create those that are missing."""
    units = _units(connection, file)
    problems = list(_unit_problems(file, units))
    in_use = _in_use(connection, file, organization_id)
    plans = dict(_plans(file, units, in_use))
    ids: dict[MetricKey, tuple[UUID, str]] = {}
    for key, metric in file.metrics.items():
        unit = units[next(iter(metric.units))]
        declared = _declared(metric, plans.get(key))
        known = _fitting(metric, unit, declared, in_use.get(key, []))
        if known is None and (contrary := _contrary(in_use.get(key, []))):
            problems.append(_contradiction(metric, unit, contrary))
        elif known is None:
            ids[key] = _add(connection, metric, unit, declared, organization_id), metric.name
        else:
            if not known.is_shared:
                _declare(connection, known, declared)
            ids[key] = known.id, known.name
    problems += _name_problems(file, in_use)
    names = tuple((file.metrics[key].name, actual) for key, actual in plans.items())
    return FoundMetrics(ids, names, tuple(problems))


def _units(connection: psycopg.Connection[Any], file: KpiFile) -> dict[str, str]:
    """The one spelling of each unit in the file."""
    spellings = list({unit for metric in file.metrics.values() for unit in metric.units})
    return dict(connection.execute(UNITS, (spellings,)).fetchall())


def _unit_problems(file: KpiFile, units: Mapping[str, str]) -> Iterator[LineProblem]:
    for metric in file.metrics.values():
        first = units[next(iter(metric.units))]
        for unit, line in metric.units.items():
            if units[unit] != first:
                yield LineProblem(
                    line, f"{metric.name} of {metric.company} is {units[unit]} here, but {first} in line {metric.line}"
                )


def _in_use(
    connection: psycopg.Connection[Any], file: KpiFile, organization_id: UUID
) -> dict[MetricKey, list[MetricInUse]]:
    """The metrics by company and key, the company's own before a shared one."""
    companies = sorted({metric.company for metric in file.metrics.values()})
    found: dict[MetricKey, list[MetricInUse]] = {}
    with connection.cursor(row_factory=class_row(MetricInUse)) as cursor:
        for row in cursor.execute(METRICS_IN_USE, (organization_id, companies)):
            found.setdefault((row.company, metric_key(row.name)), []).append(row)
    return found


def _declared(metric: FileMetric, plan_of: str | None) -> dict[str, Any]:
    """The columns that the file declares. "none" declares that there is nothing."""
    said = metric.declared
    declared: dict[str, Any] = {
        column: None if value.lower() == "none" else value
        for column, value in said.items()
        if column not in ("numerator", "denominator")
    }
    for column in ("direction", "grain"):
        if declared.get(column):
            declared[column] = declared[column].lower()
    if "numerator" in said:
        declared["formula"] = {side: {said[side]: 1} for side in ("numerator", "denominator")}
    if plan_of is not None:
        declared["plan_of"] = plan_of
    return declared


def _fitting(
    metric: FileMetric, unit: str, declared: Mapping[str, Any], known: Sequence[MetricInUse]
) -> MetricInUse | None:
    """The company's own metric of this unit and aggregation; else a shared one that has what the file declares."""
    for one in known:
        if (one.unit, one.aggregation) != (unit, metric.aggregation):
            continue
        if not one.is_shared or all(_same(getattr(one, column), value) for column, value in declared.items()):
            return one
    return None


def _same(known: Any, declared: Any) -> bool:
    if isinstance(known, str) and isinstance(declared, str):
        return metric_key(known) == metric_key(declared)
    return bool(known == declared)


def _contrary(known: Sequence[MetricInUse]) -> MetricInUse | None:
    """The metric that prevents another one of the name: the company's own, or a shared one that has its numbers."""
    return next((one for one in known if not one.is_shared or one.has_shared_data), None)


def _contradiction(metric: FileMetric, unit: str, known: MetricInUse) -> LineProblem:
    if (known.unit, known.aggregation) == (unit, metric.aggregation):
        return LineProblem(
            metric.line,
            f"{metric.name} is a metric that companies share, with another {' or '.join(metric.declared) or 'plan'}; "
            "leave it out, or use another metric name",
        )
    return LineProblem(
        metric.line,
        f"{metric.name} of {metric.company} is {unit}, {metric.aggregation} here, but {known.name} is "
        f"{known.unit}, {known.aggregation} in the database; use the same, or another metric name",
    )


def _add(
    connection: psycopg.Connection[Any],
    metric: FileMetric,
    unit: str,
    declared: Mapping[str, Any],
    organization_id: UUID,
) -> UUID:
    values = {"name": metric.name, "unit": unit, "aggregation": metric.aggregation, "company": metric.company}
    row = connection.execute(ADD, {**values, **_columns(declared), "organization": organization_id}).fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


def _declare(connection: psycopg.Connection[Any], known: MetricInUse, declared: Mapping[str, Any]) -> None:
    if declared:
        now = {column: getattr(known, column) for column in ("direction", "grain", "plan_of", "weight", "formula")}
        connection.execute(DECLARE, {**_columns({**now, **declared}), "id": known.id})


def _columns(declared: Mapping[str, Any]) -> dict[str, Any]:
    columns = {column: declared.get(column) for column in ("direction", "grain", "plan_of", "weight")}
    formula = declared.get("formula")
    return {**columns, "formula": None if formula is None else Jsonb(formula)}


def _plans(
    file: KpiFile, units: Mapping[str, str], in_use: Mapping[MetricKey, Sequence[MetricInUse]]
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


def _kind(metric: FileMetric, units: Mapping[str, str]) -> tuple[str, str]:
    return units[next(iter(metric.units))], metric.aggregation


def _name_problems(file: KpiFile, in_use: Mapping[MetricKey, Sequence[MetricInUse]]) -> Iterator[LineProblem]:
    """Declarations that name no metric of the company, neither in the file nor in the database."""
    for metric in file.metrics.values():
        for column in ("plan_of", "weight", "numerator", "denominator"):
            name = metric.declared.get(column, "none")
            if name.lower() == "none":
                continue
            aggregations = _aggregations(file, in_use, (metric.company, metric_key(name)))
            if not aggregations:
                yield LineProblem(
                    metric.line, f"{column} of {metric.name} names {name}, but {metric.company} has no such metric"
                )
            elif column != "plan_of" and "ratio" in aggregations:
                yield LineProblem(metric.line, f"{column} of {metric.name} names {name}, which is a ratio itself")


def _aggregations(file: KpiFile, in_use: Mapping[MetricKey, Sequence[MetricInUse]], key: MetricKey) -> Iterable[str]:
    in_file = [file.metrics[key].aggregation] if key in file.metrics else []
    return in_file or [one.aggregation for one in in_use.get(key, [])]
