"""The numbers in windows (ranges of days), alone or in pairs of which only what both have counts.

A department counts in a pair if it reported in both windows, and for a ratio if this is so for all parts of it that the
department has. In a sparse count, a department without numbers reported zero. A department whose sums begin in the
middle of a window, or end there, did not report the whole window, so it does not count either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from supabase_agent import literals
from supabase_agent.catalog import Scope
from supabase_agent.periods import Span
from supabase_agent.statements.lists import Listed, rows
from supabase_agent.statements.recorded import recorded

NUMBERS = """\
with series (part, aggregation, length, grain, is_sparse, metric_id) as (
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
reach as (
  select series.part, data.department_id, min(data.date_recorded) as first_day, max(data.date_recorded) as last_day,
         {slack} as slack
    from series
    join recorded as data on data.metric_id = series.metric_id
   where series.aggregation = 'sum' and not series.is_sparse
   group by series.part, series.grain, data.department_id
),
numbers as (
  select windows.pair, windows.is_before, series.part, series.aggregation, series.grain, series.is_sparse,
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
  select pair, is_before, part, aggregation, grain, is_sparse, owner_id, department_id,
         case when aggregation = 'last' then sum(value) filter (where is_newest)
              when aggregation = 'avg' and count(weight) > 0 then sum(value * weight)
              when aggregation <> 'distinct' or count(*) = 1 then sum(value)
         end as top,
         case when aggregation = 'avg' and count(weight) > 0 then sum(weight)
              when aggregation = 'avg' then count(*)
         end as bottom,
         min(date_recorded) as first_day, max(date_recorded) as last_day
    from numbers
   group by pair, is_before, part, aggregation, grain, is_sparse, owner_id, department_id
),
told as (
  select sides.*, coalesce(
           (reach.first_day = sides.first_day and sides.first_day > reach.slack + min(sides.first_day) over all_of_side)
           or (reach.last_day = sides.last_day and sides.last_day < max(sides.last_day) over all_of_side - reach.slack),
           false
         ) as is_cut
    from sides
    left join reach on reach.part = sides.part and reach.department_id = sides.department_id
  window all_of_side as (partition by sides.pair, sides.is_before, sides.part)
),
compared as (
  select told.*, {is_alone} or is_sparse
           or count(*) filter (where not is_cut) over (partition by pair, part, department_id) = 2 as is_in_both
    from told
),
comparable as (
  select compared.*, bool_and(is_in_both) over (partition by pair, department_id) as counts
    from compared
)"""

DEPARTMENTS = """
    join company.departments as department on department.id = data.department_id"""
OF_COMPANY = " and department.company_id = windows.company_id"

NOBODY = "00000000-0000-0000-0000-000000000000"
OWNER = {None: literals.uuid(NOBODY), "company": "department.company_id", "department": "data.department_id"}

# The days that a department may begin after the first one of a window, and end before the last one. Of daily numbers
# that depends on the department's mean gap; it is null for a department with one number, which is never late.
SLACK = """case series.grain
           when 'day' then 2 + 4 * (max(data.date_recorded) - min(data.date_recorded))
             / nullif(count(distinct data.date_recorded)::int - 1, 0)
           when 'week' then 6
           when 'month' then 30
           when 'quarter' then 91
           else 365
         end"""


@dataclass(frozen=True)
class Rhythm:
    """How a series is recorded: by day, week, month, quarter or year; or as single events."""

    grain: str
    is_sparse: bool


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


def numbers(
    listed: Listed, rhythms: Mapping[int, Rhythm], windows: Sequence[Window], scope: Scope, breakdown: str | None = None
) -> str:
    """The WITH queries up to ``comparable``: the numbers of each department in each window, and which of them count."""
    in_period = "date_trunc(series.length, data.date_recorded::timestamp)::date = windows.period"
    shown = dict.fromkeys(window.position for window in windows)
    needed = {part for position in shown for part, _, _ in listed.parts(position)}
    return NUMBERS.format(
        series=rows(_series(listed, rhythms, needed)),
        parts=rows(
            f"({position}, {part}, '{side}', {factor})"
            for position in shown
            for part, side, factor in listed.parts(position)
        ),
        windows=rows(map(_window, windows)),
        company_column=", company_id" if windows[0].company_id else "",
        slack=SLACK,
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


def _series(listed: Listed, rhythms: Mapping[int, Rhythm], needed: set[int]) -> Iterator[str]:
    for position in sorted(needed):
        one = listed.recorded[position]
        rhythm = rhythms[position]
        grain, is_sparse = literals.text(rhythm.grain), str(rhythm.is_sparse).lower()
        described = f"{literals.text(one.aggregation)}, {literals.text(one.length)}, {grain}, {is_sparse}"
        for metric in one.metric_ids:
            yield f"({position}, {described}, {literals.uuid(metric)})"


def _all_days(windows: Sequence[Window]) -> Span:
    return Span(min(one.days.first for one in windows), max(one.days.last for one in windows))


def _window(window: Window) -> str:
    period = "null::date" if window.period is None else literals.day(window.period.first)
    days = f"{literals.day(window.days.first)}, {literals.day(window.days.last)}"
    company = "" if window.company_id is None else f", {literals.uuid(window.company_id)}"
    return f"({window.pair}, {window.position}, {str(window.is_before).lower()}, {period}, {days}{company})"
