"""The numbers that a statement reads, each with its weight, as the WITH query ``recorded``.

A weighted mean needs two metrics of the same department and day. They are read in one pass, because Postgres, without
statistics, may join a table with itself a row at a time.
"""

from __future__ import annotations

from supabase_agent import literals
from supabase_agent.catalog import Scope
from supabase_agent.periods import Span
from supabase_agent.statements.lists import Listed, rows

RECORDED = """\
recorded as (
  select data.metric_id, data.department_id, data.date_recorded, data.value, null::numeric as weight
    from company.kpi_data as data
   where data.metric_id in ({metrics})
     and data.date_recorded between {start} and {end}{of_departments}{weighed}
)"""

WEIGHED = """
   union all
  select metric_id, department_id, date_recorded, value, weight
    from weighed
   where value is not null and weight is not null"""

WEIGHTS = """\
weights (metric_id, weight_id) as (
  values
    {weights}
),
weighed as (
  select weights.metric_id, data.department_id, data.date_recorded,
         max(data.value) filter (where data.metric_id = weights.metric_id) as value,
         max(data.value) filter (where data.metric_id = weights.weight_id) as weight
    from weights
    join company.kpi_data as data on data.metric_id in (weights.metric_id, weights.weight_id)
   where data.date_recorded between {start} and {end}{of_departments}
   group by weights.metric_id, data.department_id, data.date_recorded
),
"""


def recorded(listed: Listed, span: Span, scope: Scope) -> str:
    """The WITH queries, of which ``recorded`` has ``metric_id, department_id, date_recorded, value, weight``.

    ``weight`` is null for the numbers of unweighted series. A number whose weight is missing is not there.
    """
    weights = [pair for one in listed.recorded.values() for pair in one.weights]
    plain = [metric for one in listed.recorded.values() if not one.weights for metric in one.metric_ids]
    days = {"start": literals.day(span.first), "end": literals.day(span.last)}
    shown = RECORDED.format(
        metrics=", ".join(map(literals.uuid, dict.fromkeys(plain))) or "null::uuid",
        weighed=WEIGHED if weights else "",
        of_departments=scope.condition(indent=5),
        **days,
    )
    if not weights:
        return shown
    lines = (f"({literals.uuid(metric)}, {literals.uuid(weight)})" for metric, weight in dict.fromkeys(weights))
    return WEIGHTS.format(weights=rows(lines), of_departments=scope.condition(indent=5), **days) + shown
