"""The one SQL statement that answers a question.

It aggregates the numbers of all departments of all companies in the question:

* ``sum``: the sum of the numbers.
* ``avg``: the mean of the numbers, each with the same weight.
* ``last``: the sum of each department's newest number in the period. A department without a number in the period adds
  nothing: its number of an earlier period does not count.
* ``ratio``: the parts, aggregated by the rules above, then divided. A period that lacks a part has no ratio. A period
  whose denominator is zero has the figure null.

Figures are text, so that no server can round them. Sums keep all digits; means and ratios have six decimals.
"""

from __future__ import annotations

from collections.abc import Sequence

from supabase_agent import literals
from supabase_agent.catalog import Scope
from supabase_agent.question import Question
from supabase_agent.series import Series

PERIOD = {
    "day": "data.date_recorded",
    "week": "date_trunc('week', data.date_recorded::timestamp)::date",
    "month": "date_trunc('month', data.date_recorded::timestamp)::date",
}

FIGURES = """\
with series (position, kpi, unit, aggregation, metric_id) as (
  values
    {series}
),
numbers as (
  select series.position, series.kpi, series.unit, series.aggregation,
         {period} as period,
         data.value,
         row_number() over (
           partition by data.metric_id, data.department_id, {period}
           order by data.date_recorded desc
         ) = 1 as is_newest
    from series
    join company.kpi_data as data on data.metric_id = series.metric_id
   where data.date_recorded between {start} and {end}{of_departments}
),
figures as (
  select position, kpi, unit, aggregation, period,
         case aggregation
           when 'sum' then sum(value)
           when 'avg' then avg(value)
           when 'last' then sum(value) filter (where is_newest)
         end as value
    from numbers
   group by position, kpi, unit, aggregation, period
)"""

RATIOS = """\
parts (position, kpi, unit, side, part, factor) as (
  values
    {parts}
),
ratios as (
  select parts.position, parts.kpi, parts.unit, 'ratio' as aggregation, figures.period,
         sum(parts.factor * figures.value) filter (where parts.side = 'numerator')
           / nullif(sum(parts.factor * figures.value) filter (where parts.side = 'denominator'), 0) as value
    from parts
    join figures on figures.position = parts.part
   group by parts.position, parts.kpi, parts.unit, figures.period
  having count(*) = (select count(*) from parts as needed where needed.position = parts.position)
)"""

RESULT = """\
select kpi, unit, aggregation, period,
       case when aggregation in ('avg', 'ratio') then trim_scale(round(value, 6)) else value end::text as value
  from {source}
 where position <= {last_position}
 order by position, period"""


def compose(question: Question, series: Sequence[Series], scope: Scope) -> str:
    """The statement. Columns: ``kpi, unit, aggregation, period, value``. Order: KPI as in the question, then period."""
    recorded = _recorded(series)
    figures = FIGURES.format(
        series=",\n    ".join(_series_rows(recorded)),
        period=PERIOD[question.grouping],
        start=literals.day(question.start),
        end=literals.day(question.end),
        of_departments=scope.condition().replace("\n            ", "\n     "),
    )
    ratios = [(position, one) for position, one in enumerate(series, 1) if one.formula]
    if not ratios:
        return f"{figures}\n{RESULT.format(source='figures', last_position=len(series))}"
    parts = RATIOS.format(parts=",\n    ".join(_part_rows(ratios, recorded)))
    source = "(select * from figures union all select * from ratios) as shown"
    return f"{figures},\n{parts}\n{RESULT.format(source=source, last_position=len(series))}"


def _recorded(series: Sequence[Series]) -> dict[int, Series]:
    """The series with numbers, by position: first those of the question, then those that only ratios need."""
    recorded = {position: one for position, one in enumerate(series, 1) if one.formula is None}
    known = {one.metric_ids for one in recorded.values()}
    for one in series:
        if one.formula is None:
            continue
        for part, _ in (*one.formula.numerator, *one.formula.denominator):
            if part.metric_ids not in known:
                known.add(part.metric_ids)
                recorded[len(series) + len(known)] = part
    return recorded


def _series_rows(recorded: dict[int, Series]) -> list[str]:
    return [
        f"({position}, {literals.text(one.label)}, {literals.text(one.unit)}, {literals.text(one.aggregation)}, "
        f"{literals.uuid(metric_id)})"
        for position, one in recorded.items()
        for metric_id in one.metric_ids
    ]


def _part_rows(ratios: list[tuple[int, Series]], recorded: dict[int, Series]) -> list[str]:
    positions = {one.metric_ids: position for position, one in recorded.items()}
    rows = []
    for position, ratio in ratios:
        assert ratio.formula is not None
        for side, parts in (("numerator", ratio.formula.numerator), ("denominator", ratio.formula.denominator)):
            for part, factor in parts:
                rows.append(
                    f"({position}, {literals.text(ratio.label)}, {literals.text(ratio.unit)}, '{side}', "
                    f"{positions[part.metric_ids]}, {literals.number(factor)})"
                )
    return rows
