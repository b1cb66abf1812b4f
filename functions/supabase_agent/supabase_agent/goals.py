"""The goals of the KPIs in a question, and what has been reached of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from supabase_agent import literals
from supabase_agent.alone import Range, RangeFigure
from supabase_agent.catalog import Scope
from supabase_agent.figures import digits
from supabase_agent.mcp_client import McpClient
from supabase_agent.periods import Span
from supabase_agent.reach import Reach
from supabase_agent.recording import Recording
from supabase_agent.series import Series

MAX_GOALS = 100

GOALS = """\
select goal.metric_id, goal.company_id, company.name as company, goal.starts_on, goal.ends_on, goal.direction,
       goal.target::text as target
  from company.kpi_goals as goal
  join company.companies as company on company.id = goal.company_id
 where goal.metric_id in ({metrics}) and goal.starts_on <= {end} and goal.ends_on >= {start}
 order by company.name, goal.starts_on, goal.ends_on, goal.metric_id
 limit {most}"""


@dataclass(frozen=True)
class Goal:
    series: Series
    company: str
    company_id: str
    days: Span
    direction: str
    target: Decimal

    def until(self, last: date) -> Range:
        """The part of the goal's range up to a day."""
        return Range(self.series, Span(self.days.first, min(self.days.last, last)), self.company_id)


def find(client: McpClient, series: Sequence[Series], asked: Span, scope: Scope) -> list[Goal]:
    """The goals of the companies in scope whose ranges overlap the range that was asked.

    A goal is about a whole company, so there are none if the question is about departments.
    """
    if scope.departments:
        return []
    of_metric = {metric: one for one in series for metric in one.metric_ids}
    sql = GOALS.format(
        metrics=", ".join(map(literals.uuid, of_metric)),
        start=literals.day(asked.first),
        end=literals.day(asked.last),
        most=MAX_GOALS,
    )
    return [
        Goal(
            series=of_metric[row["metric_id"]],
            company=row["company"],
            company_id=row["company_id"],
            days=Span(date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"])),
            direction=row["direction"],
            target=Decimal(row["target"]),
        )
        for row in client.execute_sql(sql)
        if not scope.companies or row["company"] in scope.companies
    ]


def to_json(
    goal: Goal,
    counted: Range,
    figure: RangeFigure,
    recordings: Mapping[Series, Recording],
    reaches: Mapping[Series, Reach],
) -> dict[str, Any]:
    """``complete``: the figure is final, because the range and the data of all departments reach the goal's end."""
    part = recordings[goal.series].available(goal.days)
    return {
        "kpi": goal.series.label,
        "unit": goal.series.unit,
        "company": goal.company,
        "from": goal.days.first.isoformat(),
        "to": goal.days.last.isoformat(),
        "direction": goal.direction,
        "target": digits(goal.target),
        "value": digits(figure.value),
        "valueTo": (min(counted.days.last, part.last) if part else counted.days.last).isoformat(),
        "days": goal.days.days,
        "daysWithData": figure.days,
        "lastDay": figure.newest,
        "complete": counted.days == goal.days
        and part is not None
        and part.last == goal.days.last
        and not any(day in goal.days for _, day in reaches[goal.series].ends),
    }
