"""The metrics that companies use in the database: their own, and those that their organisation shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from cli.kpi_line import metric_key

MetricKey = tuple[str, str]
"""The name of a company, and the key of a metric's name."""

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


@dataclass(frozen=True)
class MetricInUse:
    """A row of ``METRICS_IN_USE``. ``has_shared_data``: it is shared, and the company has numbers of it."""

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


def metrics_in_use(
    connection: psycopg.Connection[Any], companies: Iterable[str], organization_id: UUID
) -> dict[MetricKey, list[MetricInUse]]:
    """The metrics by company and key, the company's own before a shared one."""
    found: dict[MetricKey, list[MetricInUse]] = {}
    with connection.cursor(row_factory=class_row(MetricInUse)) as cursor:
        for row in cursor.execute(METRICS_IN_USE, (organization_id, sorted(set(companies)))):
            found.setdefault((row.company, metric_key(row.name)), []).append(row)
    return found
