"""Writes a KPI file into schema ``company``, inside the transaction of the caller's connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from cli.kpi_file import FileMetric, KpiFile, LineProblem, metric_key

MetricKey = tuple[str, str]  # company name, metric key

# The lock on the organisation makes its imports wait for one another.
ORGANIZATION = "select id from public.organizations where slug = %s for update"

COMPANIES = """
insert into company.companies (organization_id, name) values (%s, %s) on conflict (organization_id, name) do nothing
"""

DEPARTMENTS = """
insert into company.departments (company_id, name)
select id, %(department)s from company.companies where organization_id = %(organization)s and name = %(company)s
on conflict (company_id, name) do nothing
"""

# The metrics of each company: its own, and those that the organisation shares.
METRICS_IN_USE = """
select company.name as company, metric.id, metric.name, metric.unit, metric.aggregation,
       metric.company_id is null as is_shared,
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

OWN_METRIC = """
insert into company.kpi_metrics (organization_id, company_id, name, unit, aggregation)
select organization_id, id, %(name)s, %(unit)s, %(aggregation)s
  from company.companies where organization_id = %(organization)s and name = %(company)s
returning id
"""

STAGE = """
create temporary table kpi_import (metric_id uuid, company text, department text, day date, value numeric)
on commit drop
"""

COPY = "copy pg_temp.kpi_import (metric_id, company, department, day, value) from stdin"

UPSERT = """
with written as (
  insert into company.kpi_data as data (metric_id, department_id, date_recorded, value)
  select staged.metric_id, department.id, staged.day, staged.value
    from pg_temp.kpi_import staged
    join company.companies company on company.organization_id = %s and company.name = staged.company
    join company.departments department on department.company_id = company.id and department.name = staged.department
  on conflict (metric_id, department_id, date_recorded) do update set value = excluded.value
   where data.value::text <> excluded.value::text
  returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
"""


@dataclass(frozen=True)
class ImportResult:
    """The counts of written rows. If there are ``problems``, the caller must roll back."""

    metrics: tuple[str, ...] = ()
    inserted: int = 0
    updated: int = 0
    problems: tuple[LineProblem, ...] = ()


@dataclass(frozen=True)
class MetricInUse:
    """A row of ``METRICS_IN_USE``."""

    company: str
    id: UUID
    name: str
    unit: str
    aggregation: str
    is_shared: bool
    has_shared_data: bool


def write(connection: psycopg.Connection[Any], file: KpiFile, organization: str) -> ImportResult:
    """Write all rows of ``file`` for the organisation with this slug. Existing numbers are replaced."""
    row = connection.execute(ORGANIZATION, (organization,)).fetchone()
    if row is None:
        return ImportResult(problems=(LineProblem(0, f"there is no organisation {organization!r} to import it for"),))
    organization_id = row[0]
    _add_companies(connection, file, organization_id)
    metrics, problems = _metrics(connection, file, organization_id)
    if problems:
        return ImportResult(problems=tuple(problems))
    inserted, updated = _add_numbers(connection, file, {key: id_ for key, (id_, _) in metrics.items()}, organization_id)
    return ImportResult(tuple(dict.fromkeys(name for _, name in metrics.values())), inserted, updated)


def _add_companies(connection: psycopg.Connection[Any], file: KpiFile, organization_id: UUID) -> None:
    companies = dict.fromkeys(row.company for row in file.rows)
    departments = dict.fromkeys((row.company, row.department) for row in file.rows)
    with connection.cursor() as cursor:
        cursor.executemany(COMPANIES, [(organization_id, company) for company in companies])
        cursor.executemany(
            DEPARTMENTS,
            [{"organization": organization_id, "company": c, "department": d} for c, d in departments],
        )


def _metrics(
    connection: psycopg.Connection[Any], file: KpiFile, organization_id: UUID
) -> tuple[dict[MetricKey, tuple[UUID, str]], list[LineProblem]]:
    """The id and the name in the database of each metric of the file. Missing metrics are created."""
    companies = sorted({metric.company for metric in file.metrics.values()})
    own: dict[MetricKey, MetricInUse] = {}
    shared: dict[MetricKey, MetricInUse] = {}
    with connection.cursor(row_factory=class_row(MetricInUse)) as cursor:
        for row in cursor.execute(METRICS_IN_USE, (organization_id, companies)):
            (shared if row.is_shared else own)[row.company, metric_key(row.name)] = row
    ids: dict[MetricKey, tuple[UUID, str]] = {}
    problems: list[LineProblem] = []
    for key, metric in file.metrics.items():
        known = own.get(key) or shared.get(key)
        if known and (known.unit, known.aggregation) == (metric.unit, metric.aggregation):
            ids[key] = known.id, known.name
        elif known and (not known.is_shared or known.has_shared_data):
            problems.append(_contradiction(metric, known))
        else:
            ids[key] = _own_metric(connection, metric, organization_id), metric.name
    return ids, problems


def _contradiction(metric: FileMetric, known: MetricInUse) -> LineProblem:
    return LineProblem(
        metric.line,
        f"{metric.name} of {metric.company} is {metric.unit}, {metric.aggregation} here, but {known.name} is "
        f"{known.unit}, {known.aggregation} in the database; use the same, or another metric name",
    )


def _own_metric(connection: psycopg.Connection[Any], metric: FileMetric, organization_id: UUID) -> UUID:
    row = connection.execute(
        OWN_METRIC,
        {
            "organization": organization_id,
            "company": metric.company,
            "name": metric.name,
            "unit": metric.unit,
            "aggregation": metric.aggregation,
        },
    ).fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


def _add_numbers(
    connection: psycopg.Connection[Any], file: KpiFile, ids: dict[MetricKey, UUID], organization_id: UUID
) -> tuple[int, int]:
    connection.execute(STAGE)
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in file.rows:
            id_ = ids[row.company, metric_key(row.metric)]
            copy.write_row((id_, row.company, row.department, row.day, row.value))
    counts = connection.execute(UPSERT, (organization_id,)).fetchone()
    assert counts is not None
    return counts[0], counts[1]
