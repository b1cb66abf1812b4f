"""The metrics of a KPI file in the database: finds them, creates missing ones, and keeps what the file declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from cli.kpi_declared import declaration_problems, declared_columns, plans_by_name
from cli.kpi_file import FileMetric, KpiFile
from cli.kpi_in_use import MetricInUse, MetricKey, metrics_in_use
from cli.kpi_line import metric_key
from cli.kpi_table import LineProblem
from cli.kpi_units import find_units, unit_problems

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
    in_use = metrics_in_use(connection, (metric.company for metric in file.metrics.values()), organization_id)
    units = find_units(connection, file, {one.unit for known in in_use.values() for one in known})
    problems = list(unit_problems(file, units))
    plans = dict(plans_by_name(file, units, in_use))
    ids: dict[MetricKey, tuple[UUID, str]] = {}
    for key, metric in file.metrics.items():
        unit = units.of(metric)
        declared = declared_columns(metric, plans.get(key))
        known = _fitting(metric, unit, declared, in_use.get(key, []))
        if known is None and (contrary := _contrary(in_use.get(key, []))):
            problems.append(_contradiction(metric, unit, contrary))
        elif known is None:
            ids[key] = _add(connection, metric, unit, declared, organization_id), metric.name
        else:
            if not known.is_shared:
                _declare(connection, known, declared)
            ids[key] = known.id, known.name
    problems += declaration_problems(file, units, in_use)
    names = tuple((file.metrics[key].name, actual) for key, actual in plans.items())
    return FoundMetrics(ids, names, tuple(problems))


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
