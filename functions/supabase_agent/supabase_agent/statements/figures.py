"""The figures of a range, by period: the statement that the deliverable shows.

It aggregates the numbers of all departments of all companies in the question, or with a breakdown of each company or
department:

* ``sum``: the sum of the numbers.
* ``avg``: the mean of the numbers, each with its weight; without declared weights all weigh the same. A number whose
  weight is missing does not count.
* ``last``: the sum of each department's newest number in the period. A department without a number in the period adds
  nothing: its number of an earlier period does not count.
* ``distinct``: the one number of the period; null if there are several, because they do not add up.
* ``ratio``: the parts, aggregated by the rules above, then divided. A period that lacks a part has no ratio. A period
  whose denominator is zero has the figure null.

Figures are text with all digits that Postgres has, so that no server can round them. Each comes with what it covers:
its first and last day with data, the number of days and the number of departments.
"""

from __future__ import annotations

from collections.abc import Iterator

from supabase_agent import literals
from supabase_agent.catalog import Scope
from supabase_agent.periods import Span
from supabase_agent.statements.lists import Listed, rows
from supabase_agent.statements.recorded import recorded

FIGURES = """\
with series (position, kpi, unit, aggregation, length, metric_id) as (
  values
    {series}
),
{recorded},
numbers as (
  select series.position, series.kpi, series.unit, series.aggregation{selected},
         {period} as period,
         data.date_recorded, data.department_id, data.value, data.weight,
         row_number() over (
           partition by series.position, data.metric_id, data.department_id, {period}
           order by data.date_recorded desc
         ) = 1 as is_newest
    from series
    join recorded as data on data.metric_id = series.metric_id{joined}
),
figures as (
  select position, kpi, unit, aggregation{by}, period,
         case aggregation
           when 'sum' then sum(value)
           when 'avg' then
             case when count(weight) = 0 then avg(value) else sum(value * weight) / nullif(sum(weight), 0) end
           when 'last' then sum(value) filter (where is_newest)
           when 'distinct' then case when count(*) = 1 then sum(value) end
         end as value,
         min(date_recorded) as first_day, max(date_recorded) as last_day,
         count(distinct date_recorded) as days, count(distinct department_id) as departments
    from numbers
   group by position, kpi, unit, aggregation{by}, period
)"""

RATIOS = """\
parts (position, kpi, unit, side, part, factor) as (
  values
    {parts}
),
ratios as (
  select parts.position, parts.kpi, parts.unit, 'ratio' as aggregation{by_figures}, figures.period,
         sum(parts.factor * figures.value) filter (where parts.side = 'numerator')
           / nullif(sum(parts.factor * figures.value) filter (where parts.side = 'denominator'), 0) as value,
         max(figures.first_day) as first_day, min(figures.last_day) as last_day,
         min(figures.days) as days, min(figures.departments) as departments
    from parts
    join figures on figures.position = parts.part
   group by parts.position, parts.kpi, parts.unit{by_figures}, figures.period
  having count(*) = (select count(*) from parts as needed where needed.position = parts.position)
)"""

RESULT = """\
select kpi, unit, aggregation{by}, period,
       case when aggregation in ('avg', 'ratio') then trim_scale(value) else value end::text as value,
       first_day, last_day, days, departments
  from {source}
 where position <= {last_position}
 order by position{by}, period"""

OF_DEPARTMENT = """
    join company.departments as department on department.id = data.department_id
    join company.companies as company on company.id = department.company_id"""
BREAKDOWN = {None: (), "company": ("company",), "department": ("company", "department")}


def compose(listed: Listed, span: Span, scope: Scope, breakdown: str | None = None) -> str:
    """The statement. With series whose ``length`` is ``total``, the range is their one period.

    Columns: ``kpi, unit, aggregation, company?, department?, period, value, first_day, last_day, days, departments``.
    Order: KPI as in the question, company, department, then period.
    """
    names = BREAKDOWN[breakdown]
    by = "".join(f", {name}" for name in names)
    figures = FIGURES.format(
        series=rows(_series(listed)),
        selected="".join(f", {name}.name as {name}" for name in names),
        joined=OF_DEPARTMENT if names else "",
        by=by,
        period=_period(listed, span),
        recorded=recorded(listed, span, scope),
    )
    last_position = max(listed.shown)
    if not listed.has_ratios:
        return f"{figures}\n{RESULT.format(source='figures', by=by, last_position=last_position)}"
    ratios = RATIOS.format(parts=rows(_parts(listed)), by_figures="".join(f", figures.{name}" for name in names))
    source = "(select * from figures union all select * from ratios) as shown"
    return f"{figures},\n{ratios}\n{RESULT.format(source=source, by=by, last_position=last_position)}"


def _period(listed: Listed, span: Span) -> str:
    """The first day of a number's period."""
    if any(one.length == "total" for one in listed.recorded.values()):
        return literals.day(span.first)
    return "date_trunc(series.length, data.date_recorded::timestamp)::date"


def _series(listed: Listed) -> Iterator[str]:
    for position, one in listed.recorded.items():
        described = ", ".join(map(literals.text, (one.label, one.unit, one.aggregation, one.length)))
        for metric in one.metric_ids:
            yield f"({position}, {described}, {literals.uuid(metric)})"


def _parts(listed: Listed) -> Iterator[str]:
    for position, ratio in listed.shown.items():
        if ratio.formula is None:
            continue
        described = f"{literals.text(ratio.label)}, {literals.text(ratio.unit)}"
        for part, side, factor in listed.parts(position):
            yield f"({position}, {described}, '{side}', {part}, {factor})"
