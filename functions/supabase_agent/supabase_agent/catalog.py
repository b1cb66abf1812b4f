"""Looks up the contents of the KPI database: its schema, metrics, companies and departments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supabase_agent import literals
from supabase_agent.mcp_client import McpClient
from supabase_agent.names import key, nearest
from supabase_agent.problems import CannotAnswer
from supabase_agent.question import Question

SCHEMA = "company"
REQUIRED_COLUMNS = {
    "company.companies": {"id", "name"},
    "company.departments": {"id", "company_id", "name"},
    "company.kpi_metrics": {
        *("id", "company_id", "name", "unit", "aggregation", "formula", "synonyms"),
        *("direction", "grain", "plan_of", "weight"),
    },
    "company.kpi_data": {"metric_id", "department_id", "date_recorded", "value"},
    "company.kpi_goals": {"metric_id", "company_id", "starts_on", "ends_on", "direction", "target"},
}

DEPARTMENTS = """\
select company.name as company, department.name as department, department.id,
       department.company_id
  from company.departments as department
  join company.companies as company on company.id = department.company_id
 order by company.name, department.name"""

METRICS = """\
select metric.id, metric.name, metric.unit, metric.aggregation, metric.formula, metric.synonyms,
       metric.direction, metric.grain, metric.plan_of, metric.weight, company.name as company,
       exists (
         select 1
           from company.kpi_data as data
          where data.metric_id = metric.id
            and data.date_recorded between {start} and {end}{of_departments}
       ) as has_data
  from company.kpi_metrics as metric
  left join company.companies as company on company.id = metric.company_id
 order by metric.name, company.name nulls first, metric.id"""


@dataclass(frozen=True)
class Department:
    id: str
    company: str
    name: str
    company_id: str = ""


@dataclass(frozen=True)
class Metric:
    """``company`` is None for a metric that all companies share. ``has_data`` is about the dates of the question.

    ``direction`` is "up" or "down" if more is better or worse. ``grain`` is how often a number is recorded; None: not
    declared. ``plan_of`` and ``weight`` are names of other metrics.
    """

    id: str
    name: str
    unit: str
    aggregation: str
    formula: Mapping[str, Mapping[str, Any]] | None
    synonyms: tuple[str, ...]
    company: str | None
    has_data: bool
    direction: str | None = None
    grain: str | None = None
    plan_of: str | None = None
    weight: str | None = None


@dataclass(frozen=True)
class Scope:
    """The companies and departments whose numbers count. ``department_ids`` is None for all of them."""

    companies: tuple[str, ...]
    departments: tuple[str, ...]
    department_ids: tuple[str, ...] | None

    def condition(self, indent: int = 12) -> str:
        """The end of a WHERE clause over ``company.kpi_data as data``, on a line of its own."""
        if self.department_ids is None:
            return ""
        ids = ", ".join(map(literals.uuid, self.department_ids))
        return f"\n{' ' * indent}and data.department_id in ({ids})"


EVERYBODY = Scope((), (), None)


def check_schema(client: McpClient) -> None:
    """Raise ``CannotAnswer`` with the names of the tables and columns that the queries use and the database lacks."""
    tables = client.list_tables(SCHEMA)
    if missing := sorted(REQUIRED_COLUMNS.keys() - tables.keys()):
        present = ", ".join(sorted(tables)) or "none"
        raise CannotAnswer(f"the KPI database lacks {', '.join(missing)}; tables of schema {SCHEMA} there: {present}")
    for table, required in REQUIRED_COLUMNS.items():
        columns = tables[table]
        if columns is not None and (missing_columns := sorted(required - columns)):
            raise CannotAnswer(f"table {table} of the KPI database lacks the columns {', '.join(missing_columns)}")


def find_scope(client: McpClient, question: Question) -> Scope:
    """The departments that the question is about. Raises ``CannotAnswer`` for an unknown company or department."""
    if not question.companies and not question.departments:
        return EVERYBODY
    known = find_departments(client)
    companies = _canonical(question.companies, [one.company for one in known], "company")
    known = [one for one in known if not companies or one.company in companies]
    departments = _canonical(question.departments, [one.name for one in known], "department")
    known = [one for one in known if not departments or one.name in departments]
    return Scope(companies, departments, tuple(one.id for one in known))


def find_departments(client: McpClient) -> list[Department]:
    """All departments of all companies."""
    return [
        Department(row["id"], row["company"], row["department"], row["company_id"])
        for row in client.execute_sql(DEPARTMENTS)
    ]


def departments_in(client: McpClient, scope: Scope) -> list[Department]:
    """The departments of the scope."""
    known = find_departments(client)
    return known if scope.department_ids is None else [one for one in known if one.id in scope.department_ids]


def find_metrics(client: McpClient, question: Question, scope: Scope) -> list[Metric]:
    """The metrics that the question may mean."""
    query = METRICS.format(
        start=literals.day(question.start), end=literals.day(question.end), of_departments=scope.condition()
    )
    metrics = [
        Metric(
            id=row["id"],
            name=row["name"],
            unit=row["unit"],
            aggregation=row["aggregation"],
            formula=row["formula"],
            synonyms=tuple(row["synonyms"]),
            company=row["company"],
            has_data=row["has_data"],
            direction=row["direction"],
            grain=row["grain"],
            plan_of=row["plan_of"],
            weight=row["weight"],
        )
        for row in client.execute_sql(query)
    ]
    return [m for m in metrics if not scope.companies or m.company is None or m.company in scope.companies]


def _canonical(names: tuple[str, ...], known: list[str], noun: str) -> tuple[str, ...]:
    """The names as the database spells them. Raises ``CannotAnswer`` for an unknown name."""
    canonical: list[str] = []
    for name in names:
        matching = [candidate for candidate in known if key(candidate) == key(name)]
        if not matching:
            near = nearest(name, known) or sorted(set(known))[:10]
            raise CannotAnswer(f"there is no {noun} {name!r}; the nearest are: {', '.join(near) or 'none'}")
        canonical.extend(matching)
    return tuple(dict.fromkeys(canonical))
