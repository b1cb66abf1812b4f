"""The departments of each series: their rhythm, and whether they begin later in a range than others, or end earlier."""

from __future__ import annotations

from collections.abc import Mapping

from supabase_agent import literals
from supabase_agent.catalog import Scope
from supabase_agent.periods import Span
from supabase_agent.statements.lists import Listed, rows
from supabase_agent.statements.rhythm import COLUMNS, SLACK, columns_of, slack_at, unit_of

REACH = """\
with series (position, {rhythm}, metric_id) as (
  values
    {series}
),
numbers as (
  select series.position, {rhythm}, data.department_id, data.date_recorded as day,
         data.date_recorded - lag(data.date_recorded) over (
           partition by series.position, data.department_id order by data.date_recorded
         ) as gap
    from series
    join company.kpi_data as data on data.metric_id = series.metric_id
   where data.date_recorded between {start} and {end}{of_departments}
),
departments as (
  select position, unit, closed_days, department_id, {slack} as slack, min(day) as oldest, max(day) as newest,
         count(*) as days,
         min(day) filter (where day between {asked_start} and {asked_end}) as first_day,
         max(day) filter (where day between {asked_start} and {asked_end}) as last_day
    from numbers
   group by position, {rhythm}, department_id
),
placed as (
  select departments.*, {first_unit} as first_unit, {last_unit} as last_unit
    from departments
   where first_day is not null
),
told as (
  select placed.*, min(first_day) over of_all as first_of_all, max(last_day) over of_all as last_of_all,
         coalesce(first_unit - min(first_unit) over of_all > {slack_at_start}, false) as is_late,
         coalesce(max(last_unit) over of_all - last_unit > {slack_at_end}, false) as is_early
    from placed
  window of_all as (partition by position)
)
select position, department_id, oldest, newest, days, slack, first_day, last_day, first_of_all, last_of_all, is_late,
       is_early
  from told
 order by is_late or is_early desc, position, department_id
 limit {most}"""


def compose(listed: Listed, grains: Mapping[int, str], span: Span, asked: Span, scope: Scope, most: int) -> str:
    """The statement about the range that was asked, with those that are late or early first.

    The numbers of ``span`` show the rhythm of each department.

    ``grains`` are those of the series to look at, by position.
    """
    return REACH.format(
        series=rows(
            f"({position}, {columns_of(grain)}, {literals.uuid(metric)})"
            for position, grain in grains.items()
            for metric in listed.recorded[position].metric_ids
        ),
        start=literals.day(span.first),
        end=literals.day(span.last),
        asked_start=literals.day(asked.first),
        asked_end=literals.day(asked.last),
        of_departments=scope.condition(indent=5),
        rhythm=COLUMNS,
        slack=SLACK,
        first_unit=unit_of("first_day"),
        last_unit=unit_of("last_day"),
        slack_at_start=slack_at("oldest = first_day", "slack"),
        slack_at_end=slack_at("newest = last_day", "slack"),
        most=most,
    )
