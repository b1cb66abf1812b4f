"""Figures of windows (ranges of days), alone or in pairs. ``statements.windows`` says which departments count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from supabase_agent.catalog import Scope
from supabase_agent.statements.lists import Listed
from supabase_agent.statements.windows import Rhythm, Window, numbers

MAX_NAMED = 20  # departments of one list

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
  select pair, owner_id, department_id,
         case when bool_and(counts) then 'compared'
              when not bool_or(is_before) then 'joined'
              when bool_and(is_before) then 'left'
              when bool_or(is_cut and not is_before) then 'late'
              when bool_or(is_cut) then 'late before'
              else 'left'
         end as kind
    from comparable
   group by pair, owner_id, department_id
),
placed as (
  select present.*, row_number() over (partition by pair, owner_id, kind order by department_id) as place
    from present
),
named as (
  select pair, owner_id, count(*) filter (where kind = 'compared') as departments,
         array_agg(department_id) filter (where kind = 'compared' and place <= {max_named}) as compared,
         array_agg(department_id) filter (where kind = 'joined' and place <= {max_named}) as joined,
         array_agg(department_id) filter (where kind = 'left' and place <= {max_named}) as left_out,
         array_agg(department_id) filter (where kind = 'late' and place <= {max_named}) as late,
         array_agg(department_id) filter (where kind = 'late before' and place <= {max_named}) as late_before
    from placed
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
       named.departments, named.compared, named.joined, named.left_out, named.late, named.late_before,
       covered.days, covered.last_day as newest_day
  from named
  left join both_sides on both_sides.pair = named.pair and both_sides.owner_id = named.owner_id
  left join covered on covered.pair = named.pair and covered.owner_id = named.owner_id
 order by named.pair, named.owner_id"""

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


def compose_figures(
    listed: Listed, rhythms: Mapping[int, Rhythm], windows: Sequence[Window], scope: Scope, breakdown: str | None = None
) -> str:
    """The figures of each pair, and the departments in it; lists have ids of departments.

    With a breakdown, each pair has a row for each company or department, whose id is ``owner_id``.
    Columns: ``pair, owner_id, value, value_before, first_day, last_day, first_before, last_before, departments,
    compared, joined, left_out, late, late_before, days, newest_day``.
    """
    return f"{numbers(listed, rhythms, windows, scope, breakdown)},\n{FIGURES.format(max_named=MAX_NAMED)}"


def compose_drivers(listed: Listed, rhythms: Mapping[int, Rhythm], windows: Sequence[Window], scope: Scope) -> str:
    """The figures of each company and department in each pair: ``pair, company, department, value, value_before``.

    ``department`` is null for the whole company. Those that changed most come first.
    """
    return f"{numbers(listed, rhythms, windows, scope)},\n{DRIVERS.format(max_named=MAX_NAMED)}"
