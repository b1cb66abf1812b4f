"""Writes a KPI file into schema ``company``, inside the transaction of the caller's connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from cli.kpi_file import KpiFile
from cli.kpi_in_use import MetricKey
from cli.kpi_line import metric_key
from cli.kpi_metrics import find_metrics
from cli.kpi_table import LineProblem
from cli.kpi_weights import Unweighted, find_unweighted

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
    """The counts of written rows. If there are ``problems``, the caller must roll back.

    ``plans`` are metrics that were taken as plans because of their names, each with the name of its actual.
    """

    metrics: tuple[str, ...] = ()
    inserted: int = 0
    updated: int = 0
    problems: tuple[LineProblem, ...] = ()
    plans: tuple[tuple[str, str], ...] = ()
    unweighted: tuple[Unweighted, ...] = ()


def write(connection: psycopg.Connection[Any], file: KpiFile, organization: str) -> ImportResult:
    """Write all rows of ``file`` for the organisation with this slug. Existing numbers are replaced."""
    row = connection.execute(ORGANIZATION, (organization,)).fetchone()
    if row is None:
        return ImportResult(problems=(LineProblem(0, f"there is no organisation {organization!r} to import it for"),))
    organization_id = row[0]
    _add_companies(connection, file, organization_id)
    metrics = find_metrics(connection, file, organization_id)
    if metrics.problems:
        return ImportResult(problems=metrics.problems)
    inserted, updated = _add_numbers(connection, file, metrics.ids, organization_id)
    names = tuple(dict.fromkeys(name for _, name in metrics.ids.values()))
    unweighted = find_unweighted(connection, (id_ for id_, _ in metrics.ids.values()))
    return ImportResult(names, inserted, updated, plans=metrics.plans, unweighted=unweighted)


def _add_companies(connection: psycopg.Connection[Any], file: KpiFile, organization_id: UUID) -> None:
    companies = dict.fromkeys(metric.company for metric in file.metrics.values())
    departments = dict.fromkeys((row.company, row.department) for row in file.rows)
    with connection.cursor() as cursor:
        cursor.executemany(COMPANIES, [(organization_id, company) for company in companies])
        cursor.executemany(
            DEPARTMENTS,
            [{"organization": organization_id, "company": c, "department": d} for c, d in departments],
        )


def _add_numbers(
    connection: psycopg.Connection[Any], file: KpiFile, ids: Mapping[MetricKey, tuple[UUID, str]], organization_id: UUID
) -> tuple[int, int]:
    connection.execute(STAGE)
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in file.rows:
            id_, _ = ids[row.company, metric_key(row.metric)]
            copy.write_row((id_, row.company, row.department, row.day, row.value))
    counts = connection.execute(UPSERT, (organization_id,)).fetchone()
    assert counts is not None
    return counts[0], counts[1]
