"""The numbers in windows (ranges of days), alone or in pairs of which only what both have counts.

A department counts in a pair if it reported in both windows, and for a ratio if this is so for all parts of it that the
department has. In a sparse count, a department without numbers reported zero. A department whose sums begin in a window
later than those of the others, end earlier, or have a hole (``statements.rhythm``), did not report the whole window, so
it does not count either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from supabase_agent import literals
from supabase_agent.catalog import Scope
from supabase_agent.periods import Span
from supabase_agent.statements.lists import Listed, rows
from supabase_agent.statements.recorded import recorded
from supabase_agent.statements.rhythm import COLUMNS, SLACK, columns_of, has_hole, slack_at, unit_of

NUMBERS = """\
with series (part, aggregation, length, {rhythm}, is_sparse, metric_id) as (
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
gaps as (
  select series.part, series.fixed_slack, data.department_id, data.date_recorded as day,
         data.date_recorded - lag(data.date_recorded) over (
           partition by series.part, data.department_id order by data.date_recorded
         ) as gap
    from series
    join recorded as data on data.metric_id = series.metric_id
   where series.aggregation = 'sum' and not series.is_sparse
),
reach as materialized (
  select part, department_id, min(day) as first_day, max(day) as last_day, {slack} as slack
    from gaps
   group by part, fixed_slack, department_id
),
numbers as (
  select windows.pair, windows.is_before, windows.first_day, windows.last_day, series.part, series.aggregation,
         series.is_sparse, series.unit, series.closed_days, series.longest_gap,
         data.department_id, data.date_recorded, data.value, data.weight,
         {owner} as owner_id,
         row_number() over newest_first = 1 as is_newest,
         data.date_recorded - lead(data.date_recorded) over newest_first as gap
    from windows
    join needed on needed.position = windows.position
    join series on series.part = needed.part
    join recorded as data on data.metric_id = series.metric_id{in_period}
         and data.date_recorded between windows.first_day and windows.last_day{joined}
  window newest_first as (
    partition by windows.pair, windows.is_before, series.part, data.metric_id, data.department_id
    order by data.date_recorded desc
  )
),
sides as (
  select pair, is_before, part, aggregation, closed_days, longest_gap, is_sparse, owner_id, department_id,
         case when aggregation = 'last' then sum(value) filter (where is_newest)
              when aggregation = 'avg' and count(weight) > 0 then sum(value * weight)
              when aggregation <> 'distinct' or count(*) = 1 then sum(value)
         end as top,
         case when aggregation = 'avg' and count(weight) > 0 then sum(weight)
              when aggregation = 'avg' then count(*)
         end as bottom,
         min(date_recorded) as first_day, max(date_recorded) as last_day,
         {first_unit} as first_unit, {last_unit} as last_unit, max(gap) as longest,
         case when unit <> 'day' then date_trunc(unit, min(numbers.first_day)::timestamp)::date end as start_unit,
         case when unit <> 'day' then date_trunc(unit, max(numbers.last_day)::timestamp)::date end as end_unit
    from numbers
   group by pair, is_before, part, aggregation, unit, closed_days, longest_gap, is_sparse, owner_id, department_id
),
told as (
  select sides.*, coalesce(
           sides.first_unit - least(sides.start_unit, min(sides.first_unit) over all_of_side) > {slack_at_start}
           or greatest(sides.end_unit, max(sides.last_unit) over all_of_side) - sides.last_unit > {slack_at_end}
           or {has_hole},
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
DAYS_AROUND = timedelta(days=31)
OWNER = {None: literals.uuid(NOBODY), "company": "department.company_id", "department": "data.department_id"}


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
        rhythm=COLUMNS,
        slack=SLACK,
        first_unit=unit_of("min(date_recorded)"),
        last_unit=unit_of("max(date_recorded)"),
        slack_at_start=slack_at("reach.first_day = sides.first_day", "reach.slack"),
        slack_at_end=slack_at("reach.last_day = sides.last_day", "reach.slack"),
        has_hole=has_hole("sides.longest", "reach.slack"),
        is_alone="false" if windows[0].is_paired else "true",
        in_period=f"\n         and {in_period}" if all(window.period for window in windows) else "",
        recorded=recorded(listed, _with_days_around(windows), scope),
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
        columns, is_sparse = columns_of(rhythm.grain), str(rhythm.is_sparse).lower()
        described = f"{literals.text(one.aggregation)}, {literals.text(one.length)}, {columns}, {is_sparse}"
        for metric in one.metric_ids:
            yield f"({position}, {described}, {literals.uuid(metric)})"


def _with_days_around(windows: Sequence[Window]) -> Span:
    """The days of all windows, and a month before and after them, which shows whose data go on."""
    first, last = min(one.days.first for one in windows), max(one.days.last for one in windows)
    return Span(first - DAYS_AROUND, last + DAYS_AROUND)


def _window(window: Window) -> str:
    period = "null::date" if window.period is None else literals.day(window.period.first)
    days = f"{literals.day(window.days.first)}, {literals.day(window.days.last)}"
    company = "" if window.company_id is None else f", {literals.uuid(window.company_id)}"
    return f"({window.pair}, {window.position}, {str(window.is_before).lower()}, {period}, {days}{company})"
