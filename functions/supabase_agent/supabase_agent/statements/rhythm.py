"""Whether a department's numbers begin later or end earlier than those of the others: SQL for its usual rhythm.

Daily numbers of a department that ends (or begins) there may end as many days before the others as its usual gap has
empty days: none if it reports each day, two if it is closed at weekends. If its numbers go on later, ten more empty
days (the turn of the year) do not count, nor in the middle. Weekly numbers have weekdays of their own. Of months and
longer, each must have its number.
"""

from __future__ import annotations

CLOSED_DAYS = 10  # a gap up to this long inside a series, such as the turn of the year, makes no period partial
USUAL_SHARE = 0.95  # of the gaps are no longer than the usual one

# Of a group with columns ``fixed_slack`` and ``gap``; null for daily numbers of a department that has only one.
SLACK = f"coalesce(fixed_slack, percentile_disc({USUAL_SHARE}) within group (order by gap) - 1)"

COLUMNS = "unit, fixed_slack, closed_days, longest_gap"
"""The columns of a series that these expressions read: the length of a unit; the days that a department may be late or
early, null if its rhythm decides; how many more where its numbers go on; and the days between two numbers from which on
one is missing between them, null for daily numbers."""

_LONGEST_GAPS = {"day": "null::integer", "week": "10", "month": "45", "quarter": "135", "year": "545"}


def columns_of(grain: str) -> str:
    """The values of ``COLUMNS`` for a grain."""
    unit = "day" if grain == "week" else grain
    fixed = {"day": "null::integer", "week": "6"}.get(grain, "0")
    return f"'{unit}', {fixed}, {CLOSED_DAYS if grain == 'day' else 0}, {_LONGEST_GAPS[grain]}"


def unit_of(day: str) -> str:
    """The day, or of numbers of months and longer the first day of their unit."""
    return f"date_trunc(unit, {day}::timestamp)::date"


def slack_at(is_end: str, slack: str) -> str:
    """The days that a department may be later or earlier than others. ``is_end``: its numbers begin or end there."""
    return f"{slack} + case when {is_end} then 0 else closed_days end"


def has_hole(gap: str, slack: str) -> str:
    """Whether numbers are missing between two of them: of days, more than the department may be late."""
    return f"{gap} > coalesce(longest_gap, {slack} + closed_days + 1)"
