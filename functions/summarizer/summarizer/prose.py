"""Pieces of sentences: lists, changes, periods."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from summarizer.measures import Change
from summarizer.periods import Grouping
from summarizer.units import Kind, Style, percentage, rounded

MAX_PERCENT = 900  # a tenfold rise is written as "10 times"


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def shortened(items: Sequence[str], most: int, noun: str = "others") -> str:
    """Like ``listed``. Of more than ``most`` + 1 items it has the first ``most`` and the number of the others."""
    if len(items) <= most + 1:  # the name of one more item is as short as "and 1 others"
        return listed(items)
    return listed([*items[:most], f"{len(items) - most:,} {noun}"])


def sentence(text: str) -> str:
    """``text`` with a capital first letter and a full stop. A first word with a capital of its own (iOS) stays."""
    first = re.split(r"\W", text, maxsplit=1)[0]
    capital = text if any(c.isupper() for c in first) else text[:1].upper() + text[1:]
    return capital if capital.endswith((".", "?", ":")) else capital + "."


def change_phrase(change: Change, style: Style, *, ends: bool = False) -> str:
    """The change as the predicate of a sentence: ``rose 8.4%``, ``fell 1.25 percentage points``.

    With ``ends`` the phrase names the figures if there is no percentage.
    """
    if change.difference == 0:
        return "did not change"
    if is_slight(change, style):
        return "hardly changed"
    verb = "rose" if change.direction > 0 else "fell"
    if style.unit.in_points:
        return f"{verb} {style.difference(change.difference)}"
    if change.percent is None:
        return _between_ends(change, style, verb) if ends else f"{verb} by {style.difference(change.difference)}"
    if change.percent >= MAX_PERCENT:
        return f"rose to {_factor(change)} times as much"
    return f"{verb} {percentage(change.percent)}"


def _between_ends(change: Change, style: Style, verb: str) -> str:
    before, after = style.brief(change.before), style.brief(change.after)
    if change.before == 0:
        return f"{verb} from zero to {after}"
    if change.after == 0:
        return f"{verb} from {before} to zero"
    if (change.before < 0) != (change.after < 0):
        return f"swung from {before} to {after}"
    return f"{verb} by {style.difference(change.difference)} to {after}"


def on_phrase(change: Change, style: Style, before: str) -> str:
    """A change as an addition: ``up 3.2% on Aug 2024``, ``unchanged from …``, ``12.5 times that of …``."""
    if change.difference == 0:
        return f"unchanged from {before}"
    if is_slight(change, style):
        return f"hardly changed from {before}"
    word = "up" if change.direction > 0 else "down"
    if style.unit.in_points or change.percent is None:
        return f"{word} {style.difference(change.difference)} on {before}"
    if change.percent >= MAX_PERCENT:
        return f"{_factor(change)} times that of {before}"
    return f"{word} {percentage(change.percent)} on {before}"


def on_amount(change: Change, style: Style, before: str) -> str:
    """The change as an amount: ``527 more than in Aug 2024``."""
    if change.difference == 0:
        return f"as many as {before}" if style.unit.kind is Kind.NUMBER else f"the same as {before}"
    return f"{style.difference(change.difference)} {'more' if change.direction > 0 else 'less'} than {before}"


def is_slight(change: Change, style: Style) -> bool:
    """Whether the page would show the change as zero: 0.0 %, or 0.00 percentage points."""
    if style.unit.in_points:
        return style.rounds_to_nothing(change.difference)
    if change.percent is not None:
        return rounded(change.percent, 1) == 0
    return change.difference == 0


def _factor(change: Change) -> str:
    return f"{rounded(change.after / change.before, 1):,f}"


def change_cell(change: Change, style: Style) -> str:
    """The change for a table: ``+8.4%``, ``-1.25 pp``, ``×12.5``; an amount if a percentage would mislead."""
    if style.unit.in_points or change.percent is None:
        return style.signed(change.difference)
    if change.percent >= MAX_PERCENT:
        return f"×{_factor(change)}"
    rate = rounded(change.percent, 1)
    return f"{'+' if rate > 0 else '-' if rate < 0 else ''}{abs(rate):,f}%"


def runs(periods: Sequence[date], grouping: Grouping) -> list[str]:
    """The names of periods, with consecutive ones as one range: ``Aug 2024``, ``2024-08-03 to 2024-08-05``."""
    groups: list[list[date]] = []
    for period in sorted(periods):
        if groups and grouping.after(groups[-1][-1]) == period:
            groups[-1].append(period)
        else:
            groups.append([period])
    return [between(group[0], group[-1], grouping) for group in groups]


def between(first: date, last: date, grouping: Grouping) -> str:
    """``Jul 2024``, or ``Jul 2024 to Sep 2024``."""
    return grouping.named(first) if first == last else f"{grouping.named(first)} to {grouping.named(last)}"


def percentage_of(part: Decimal, whole: Decimal) -> str | None:
    """The size of ``part`` as a percentage of ``whole``; None if ``whole`` is not positive."""
    return percentage(part / whole * 100) if whole > 0 else None
