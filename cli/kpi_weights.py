"""Averages without a weight: which metrics can weigh them, and the lines of a file that declare it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from cli.kpi_line import COLUMNS

# The unweighted averages of several numbers, each with the sums that have a positive number wherever it has one.
UNWEIGHTED = """
with average as (
  select metric.id, metric.name, metric.unit, metric.company_id, metric.organization_id, company.name as company
    from company.kpi_metrics metric
    join company.companies company on company.id = metric.company_id
   where metric.id = any (%s) and metric.aggregation = 'avg' and metric.weight is null
     and (select count(*) from company.kpi_data data where data.metric_id = metric.id) > 1
)
select average.company, average.name as metric, average.unit,
       coalesce(array_agg(weight.name order by weight.name) filter (where weight.name is not null), '{}') as weights
  from average
  left join company.kpi_metrics weight
    on weight.organization_id = average.organization_id and weight.aggregation = 'sum' and weight.plan_of is null
       and coalesce(weight.company_id, average.company_id) = average.company_id
       and not exists (
         select from company.kpi_data data
           left join company.kpi_data weighing
             on weighing.metric_id = weight.id and weighing.department_id = data.department_id
                and weighing.date_recorded = data.date_recorded and weighing.value > 0
          where data.metric_id = average.id and weighing.value is null
       )
 group by average.company, average.name, average.unit
 order by average.company, average.name
"""


@dataclass(frozen=True)
class Unweighted:
    """An average whose numbers all count alike. ``weights`` are the metrics that can weigh it."""

    company: str
    metric: str
    unit: str
    weights: Sequence[str]


def find_unweighted(connection: psycopg.Connection[Any], metric_ids: Iterable[UUID]) -> tuple[Unweighted, ...]:
    """The unweighted averages among the companies' own metrics."""
    with connection.cursor(row_factory=class_row(Unweighted)) as cursor:
        return tuple(cursor.execute(UNWEIGHTED, (list(metric_ids),)).fetchall())


def weight_hints(unweighted: Iterable[Unweighted]) -> Iterator[str]:
    """A sentence for each average that can be weighted."""
    for one in unweighted:
        if one.weights:
            yield (
                f"{one.metric} of {one.company} is an unweighted average: all its numbers count alike. "
                f"A column weight can declare that {' or '.join(one.weights)} weighs it."
            )


def declaring_file(unweighted: Iterable[Unweighted]) -> list[str]:
    """The lines of a CSV file that declares the first possible weight of each average; none if there is none."""
    lines = [
        [one.company, "", one.metric, one.unit, "avg", "", "", one.weights[0]] for one in unweighted if one.weights
    ]
    return [_csv(line) for line in ([*COLUMNS, "weight"], *lines)] if lines else []


def _csv(fields: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()
