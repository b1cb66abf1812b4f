"""The dates of the numbers of each series: from which day to which, and how far apart."""

from __future__ import annotations

from supabase_agent import literals
from supabase_agent.catalog import Scope
from supabase_agent.periods import Span
from supabase_agent.statements.lists import Listed, rows
from supabase_agent.statements.rhythm import USUAL_SHARE

DATES = """\
with series (position, metric_id) as (
  values
    {series}
),
numbers as (
  select series.position, data.date_recorded as day, data.department_id,
         data.date_recorded - lag(data.date_recorded) over (
           partition by series.position, data.metric_id, data.department_id order by data.date_recorded
         ) as gap
    from series
    join company.kpi_data as data on data.metric_id = series.metric_id
   where data.date_recorded between {start} and {end}{of_departments}
),
spreads as (
  select position, (max(extract(day from day)) - min(extract(day from day)))::int as of_month,
         (max(extract(isodow from day)) - min(extract(isodow from day)))::int as of_week
    from numbers
   where day <= {asked_end}
   group by position, department_id
),
dates as (
  select position, day, min(gap) as shortest, day - lag(day) over (partition by position order by day) as gap
    from numbers
   group by position, day
)
select position, min(day) as first_day, max(day) as last_day, count(*) as days,
       {weekdays},
       percentile_disc(0.5) within group (order by gap) as median_gap,
       percentile_disc({usual_share}) within group (order by gap) as usual_gap,
       count(*) filter (where day <= {asked_end}) as dates,
       min(shortest) filter (where day <= {asked_end}) as shortest_gap,
       (select max(of_month) from spreads where spreads.position = dates.position) as month_spread,
       (select max(of_week) from spreads where spreads.position = dates.position) as weekday_spread,
       (select count(distinct department_id) from numbers where numbers.position = dates.position
           and numbers.day between {asked_start} and {asked_end}) as departments
  from dates
 group by position
 order by position"""


def compose(listed: Listed, span: Span, asked: Span, scope: Scope) -> str:
    """The statement about the numbers of ``span``. Gaps are in days; ``shortest_gap`` is of one department.

    The columns from ``dates`` to ``weekday_spread`` are about the dates up to the end of the range that was asked: a
    series that is recorded more often since then was not before. A spread is how far the days of the month, or the
    weekdays, of one department lie apart. ``departments`` counts those with numbers in the range.
    """
    return DATES.format(
        series=rows(
            f"({position}, {literals.uuid(metric)})"
            for position, one in listed.recorded.items()
            for metric in one.metric_ids
        ),
        start=literals.day(span.first),
        end=literals.day(span.last),
        asked_start=literals.day(asked.first),
        asked_end=literals.day(asked.last),
        of_departments=scope.condition(indent=5),
        usual_share=USUAL_SHARE,
        weekdays=", ".join(
            f"count(*) filter (where extract(isodow from day) = {one}) as day{one}" for one in range(1, 8)
        ),
    )
