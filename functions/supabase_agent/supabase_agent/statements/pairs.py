"""Figures of windows (ranges of days), alone or in pairs of which only what both have counts.

A department counts in a pair if it reported in both windows, and for a ratio if this is so for all parts of it that the
department has. In a sparse count, a department without numbers reported zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supabase_agent import literals
from supabase_agent.catalog import Scope
from supabase_agent.periods import Span
from supabase_agent.statements.lists import Listed, rows
from supabase_agent.statements.recorded import recorded

MAX_NAMED = 20  # departments of one list

NUMBERS = """\
with series (part, aggregation, length, is_sparse, metric_id) as (
  values
    {series}
),
parts (position, part, side, factor) as (
  values
    {parts}
),
windows (pair, position, is_before, period, first_day, last_day{company_column}) as (
  values
    {windows}
),
needed as (
  select distinct position, part from parts
),
{recorded},
pairs as (
  select distinct pair, position from windows
),
numbers as (
  select windows.pair, windows.is_before, series.part, series.aggregation, series.is_sparse,
         data.department_id, data.date_recorded, data.value, data.weight,
         {owner} as owner_id,
         row_number() over (
           partition by windows.pair, windows.is_before, series.part, data.metric_id, data.department_id
           order by data.date_recorded desc
         ) = 1 as is_newest
    from windows
    join needed on needed.position = windows.position
    join series on series.part = needed.part
    join recorded as data on data.metric_id = series.metric_id{in_period}
         and data.date_recorded between windows.first_day and windows.last_day{joined}
),
sides as (
  select pair, is_before, part, aggregation, is_sparse, owner_id, department_id,
         case when aggregation = 'last' then sum(value) filter (where is_newest)
              when aggregation = 'avg' and count(weight) > 0 then sum(value * weight)
              when aggregation <> 'distinct' or count(*) = 1 then sum(value)
         end as top,
         case when aggregation = 'avg' and count(weight) > 0 then sum(weight)
              when aggregation = 'avg' then count(*)
         end as bottom,
         min(date_recorded) as first_day, max(date_recorded) as last_day
    from numbers
   group by pair, is_before, part, aggregation, is_sparse, owner_id, department_id
),
compared as (
  select sides.*, {is_alone} or is_sparse or count(*) over (partition by pair, part, department_id) = 2 as is_in_both
    from sides
),
comparable as (
  select compared.*, bool_and(is_in_both) over (partition by pair, department_id) as counts
    from compared
)"""

FIGURES = """\
figures as (
  select pair, owner_id, is_before, part, aggregation,
         case aggregation
           when 'avg' then sum(top) / nullif(sum(bottom), 0)
           when 'distinct' then case when count(*) = 1 then sum(top) end
           else sum(top)
         end as value,
         min(first_day) as first_day, max(last_day) as last_day
    from comparable
   where counts
   group by pair, owner_id, is_before, part, aggregation
),
totals as (
  select pairs.pair, figures.owner_id, figures.is_before,
         case when bool_or(parts.side = 'denominator')
           then trim_scale(sum(parts.factor * figures.value) filter (where parts.side = 'numerator')
             / nullif(sum(parts.factor * figures.value) filter (where parts.side = 'denominator'), 0))
           when bool_or(figures.aggregation = 'avg') then trim_scale(sum(figures.value))
           else sum(figures.value)
         end as value,
         max(figures.first_day) as first_day, min(figures.last_day) as last_day
    from pairs
    join parts on parts.position = pairs.position
    join figures on figures.pair = pairs.pair and figures.part = parts.part
   group by pairs.pair, pairs.position, figures.owner_id, figures.is_before
  having count(*) = (select count(*) from parts as all_parts where all_parts.position = pairs.position)
),
present as (
  select pair, owner_id, department_id, bool_and(counts) as counts, bool_or(is_before) as was_there,
         row_number() over (
           partition by pair, owner_id, bool_and(counts), bool_or(is_before) order by department_id
         ) as place
    from comparable
   group by pair, owner_id, department_id
),
named as (
  select pair, owner_id, count(*) filter (where counts) as departments,
         array_agg(department_id) filter (where counts and place <= {max_named}) as compared,
         array_agg(department_id) filter (where not counts and not was_there and place <= {max_named}) as joined,
         array_agg(department_id) filter (where not counts and was_there and place <= {max_named}) as left_out
    from present
   group by pair, owner_id
),
covered as (
  select pair, owner_id, count(distinct date_recorded) as days, max(date_recorded) as last_day
    from numbers
   where not is_before
   group by pair, owner_id
),
both_sides as (
  select pair, owner_id,
         max(value) filter (where not is_before) as value, max(value) filter (where is_before) as value_before,
         max(first_day) filter (where not is_before) as first_day,
         max(last_day) filter (where not is_before) as last_day,
         max(first_day) filter (where is_before) as first_before,
         max(last_day) filter (where is_before) as last_before
    from totals
   group by pair, owner_id
)
select named.pair, named.owner_id, both_sides.value::text as value, both_sides.value_before::text as value_before,
       both_sides.first_day, both_sides.last_day, both_sides.first_before, both_sides.last_before,
       named.departments, named.compared, named.joined, named.left_out, covered.days, covered.last_day as newest_day
  from named
  left join both_sides on both_sides.pair = named.pair and both_sides.owner_id = named.owner_id
  left join covered on covered.pair = named.pair and covered.owner_id = named.owner_id
 order by named.pair, named.owner_id"""

DEPARTMENTS = """
    join company.departments as department on department.id = data.department_id"""
OF_COMPANY = " and department.company_id = windows.company_id"

NOBODY = "00000000-0000-0000-0000-000000000000"
OWNER = {None: literals.uuid(NOBODY), "company": "department.company_id", "department": "data.department_id"}

DRIVERS = """\
moved as (
  select comparable.pair, company.name as company, department.name as department,
         sum(top) filter (where not is_before) as value, sum(top) filter (where is_before) as value_before
    from comparable
    join company.departments as department on department.id = comparable.department_id
    join company.companies as company on company.id = department.company_id
   where counts
   group by comparable.pair, company.name, grouping sets ((), (department.name))
),
ranked as (
  select moved.*, row_number() over (
           partition by pair, department is null
           order by abs(coalesce(value, 0) - coalesce(value_before, 0)) desc, company, department
         ) as place
    from moved
)
select pair, company, department, value::text as value, value_before::text as value_before
  from ranked
 where place <= {max_named}
 order by pair, department is not null, place"""


@dataclass(frozen=True)
class Window:
    """Days of a shown series. ``pair`` is the number of its pair.

    ``company_id`` narrows a window to one company. A statement has it, as ``is_paired``, in all windows or in none.

    ``period`` is the period of the series' length that has the days, or None if the days are several periods. If all
    windows have one, Postgres reads the numbers once, for any number of windows.
    """

    pair: int
    position: int
    days: Span
    is_before: bool = False
    is_paired: bool = True
    company_id: str | None = None
    period: Span | None = None


def compose_figures(
    listed: Listed, sparse: frozenset[int], windows: Sequence[Window], scope: Scope, breakdown: str | None = None
) -> str:
    """The figures of each pair, and the departments in it; lists have ids of departments.

    With a breakdown, each pair has a row for each company or department, whose id is ``owner_id``.
    Columns: ``pair, owner_id, value, value_before, first_day, last_day, first_before, last_before, departments,
    compared, joined, left_out, days, newest_day``.
    """
    return f"{_numbers(listed, sparse, windows, scope, breakdown)},\n{FIGURES.format(max_named=MAX_NAMED)}"


def compose_drivers(listed: Listed, sparse: frozenset[int], windows: Sequence[Window], scope: Scope) -> str:
    """The figures of each company and department in each pair: ``pair, company, department, value, value_before``.

    ``department`` is null for the whole company. Those that changed most come first.
    """
    return f"{_numbers(listed, sparse, windows, scope)},\n{DRIVERS.format(max_named=MAX_NAMED)}"


def _numbers(
    listed: Listed, sparse: frozenset[int], windows: Sequence[Window], scope: Scope, breakdown: str | None = None
) -> str:
    in_period = "date_trunc(series.length, data.date_recorded::timestamp)::date = windows.period"
    shown = dict.fromkeys(window.position for window in windows)
    needed = {part for position in shown for part, _, _ in listed.parts(position)}
    return NUMBERS.format(
        series=rows(_series(listed, sparse, needed)),
        parts=rows(
            f"({position}, {part}, '{side}', {factor})"
            for position in shown
            for part, side, factor in listed.parts(position)
        ),
        windows=rows(map(_window, windows)),
        company_column=", company_id" if windows[0].company_id else "",
        is_alone="false" if windows[0].is_paired else "true",
        in_period=f"\n         and {in_period}" if all(window.period for window in windows) else "",
        recorded=recorded(listed, _all_days(windows), scope),
        owner=OWNER[breakdown],
        joined=_joined(windows, breakdown),
    )


def _joined(windows: Sequence[Window], breakdown: str | None) -> str:
    of_company = windows[0].company_id is not None
    joined = DEPARTMENTS if of_company or breakdown == "company" else ""
    return joined + (OF_COMPANY if of_company else "")


def _series(listed: Listed, sparse: frozenset[int], needed: set[int]) -> Iterator[str]:
    for position in sorted(needed):
        one = listed.recorded[position]
        is_sparse = "true" if position in sparse else "false"
        described = f"{literals.text(one.aggregation)}, {literals.text(one.length)}, {is_sparse}"
        for metric in one.metric_ids:
            yield f"({position}, {described}, {literals.uuid(metric)})"


def _all_days(windows: Sequence[Window]) -> Span:
    return Span(min(one.days.first for one in windows), max(one.days.last for one in windows))


def _window(window: Window) -> str:
    period = "null::date" if window.period is None else literals.day(window.period.first)
    days = f"{literals.day(window.days.first)}, {literals.day(window.days.last)}"
    company = "" if window.company_id is None else f", {literals.uuid(window.company_id)}"
    return f"({window.pair}, {window.position}, {str(window.is_before).lower()}, {period}, {days}{company})"
