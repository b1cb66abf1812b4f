"""Predicates of changes: ``rose 8.4%``, ``tripled``, ``swung from -$100 to $50``."""

from __future__ import annotations

from decimal import Decimal

from summarizer.facts import Fact
from summarizer.numbers import rounded
from summarizer.units import TIMES_FROM, Style, multiple, percentage, times

MAX_PERCENT = 900  # a tenfold rise is written as "10 times"
SMALL_RATE = 1  # per cent; of smaller rates, points say little


def is_slight(fact: Fact, style: Style) -> bool:
    """Whether the page would show the change as zero: 0.0 %, or 0.00 percentage points. No change is slight, too."""
    if not fact["difference"]:
        return True
    if _is_multiple(fact, style):
        return False
    share = fact.get("percent")
    if style.unit.in_points:
        return rounded(abs(style.unit.shown(fact["difference"])), 2) == 0 and (share is None or rounded(share, 1) == 0)
    return share is not None and rounded(share, 1) == 0


def predicate(fact: Fact, style: Style) -> str:
    """What a KPI did. It names the figures where a percentage would mislead."""
    if not fact["difference"]:
        return "did not change"
    if is_slight(fact, style):
        return "hardly changed"
    verb = "rose" if fact.direction == 1 else "fell"
    if _is_multiple(fact, style):
        return times(fact["factor"])
    if style.unit.in_points:
        return f"{verb} {style.difference(fact['difference'])}"
    if (share := fact.get("percent")) is None:
        return _between_ends(fact, style, verb)
    if share >= MAX_PERCENT and "factor" in fact.values:
        return times(fact["factor"])
    return f"{verb} {percentage(share)}"


def names_figures(fact: Fact, style: Style) -> bool:
    """Whether the predicate has the figures itself."""
    return bool(fact["difference"]) and fact.get("percent") is None and not style.unit.in_points


def change_cell(fact: Fact, style: Style) -> str:
    """The change for a table: ``+8.4%``, ``-1.25 pp``, ``×12.5``; an amount if a percentage would mislead."""
    if _is_multiple(fact, style):
        return f"×{multiple(fact['factor'])}"
    share = fact.get("percent")
    if style.unit.in_points or share is None:
        return style.signed(fact["difference"], derived=fact.per_day)
    if share >= MAX_PERCENT and "factor" in fact.values:
        return f"×{multiple(fact['factor'])}"
    return signed_percentage(share)


def signed_percentage(share: Decimal) -> str:
    rate = rounded(share, 1)
    return f"{'+' if rate > 0 else '-' if rate < 0 else ''}{abs(rate):,f}%"


def _is_multiple(fact: Fact, style: Style) -> bool:
    """Whether a small rate at least doubled."""
    if not style.unit.in_points or fact.get("factor") is None:
        return False
    return style.unit.shown(fact["after"]) < SMALL_RATE and rounded(fact["factor"], 1) >= TIMES_FROM


def _between_ends(fact: Fact, style: Style, verb: str) -> str:
    before, after = (style.brief(fact[name], derived=fact.per_day) for name in ("before", "after"))
    if fact["before"] == 0:
        return f"{verb} from zero to {after}"
    if fact["after"] == 0:
        return f"{verb} from {before} to zero"
    if (fact["before"] < 0) != (fact["after"] < 0):
        return f"swung from {before} to {after}"
    if fact["after"] < 0:  # a cost that is booked with a minus rises as it falls
        return f"changed by {style.signed(fact['difference'], derived=fact.per_day)} to {after}"
    return f"{verb} by {style.difference(fact['difference'], derived=fact.per_day)} to {after}"
