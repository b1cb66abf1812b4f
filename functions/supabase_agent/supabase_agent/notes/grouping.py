"""Reads groupings in a sentence: "by week", "monthly", "change the grouping to day"."""

from __future__ import annotations

from supabase_agent.notes.cursor import Cursor
from supabase_agent.notes.instructions import GroupBy
from supabase_agent.notes.lexicon import FIGURES, ONLY_AFTER, UNIT_ADVERBS, UNITS

GROUP = ("group", "grouped", "grouping", "aggregate", "aggregated", "regroup")
GROUPED = frozenset("it this them everything the data numbers figures results".split())
VIEWS = FIGURES | {"basis", "grouping", "ones", "report", "view", "breakdown"}
CHANGE = ("set", "change", "switch", "use")


def read_grouping(cursor: Cursor) -> GroupBy | None:
    unit = cursor.first_of(_by, _each, _unit_by_unit, _adverb, _changed, _back, _total)
    if unit is None:
        return None
    cursor.word(*ONLY_AFTER)
    cursor.first_of(_instead)
    return GroupBy(unit)


def _instead(cursor: Cursor) -> bool | None:
    """ "Instead of by month", which adds nothing: a new grouping replaces the old one."""
    if not cursor.word("instead"):
        return None
    if not cursor.word("of"):
        return True
    cursor.word("by", "per")
    return (cursor.take(UNITS) or cursor.take(UNIT_ADVERBS)) is not None or None


def _by(cursor: Cursor) -> str | None:
    if cursor.word(*GROUP):
        cursor.skip(GROUPED)
        if unit := cursor.take(UNIT_ADVERBS):
            return unit
    if not cursor.word("by", "per"):
        return None
    cursor.word("the", "each", "calendar")
    return cursor.take(UNITS)


def _total(cursor: Cursor) -> str | None:
    """ "In total", which is one period for the whole range."""
    return "total" if cursor.words("in total") else None


def _each(cursor: Cursor) -> str | None:
    cursor.word("for")
    return cursor.take(UNITS) if cursor.word("each", "every") else None


def _unit_by_unit(cursor: Cursor) -> str | None:
    unit = cursor.take(UNITS)
    return unit if unit and cursor.word("by") and cursor.take(UNITS) == unit else None


def _adverb(cursor: Cursor) -> str | None:
    cursor.words("on a", "on an", "in a", "with a")
    unit = cursor.take(UNIT_ADVERBS)
    if unit:
        cursor.skip(VIEWS)
    return unit


def _changed(cursor: Cursor) -> str | None:
    change = cursor.word(*CHANGE)
    cursor.word("the")
    if not (cursor.word("grouping") or change):
        return None
    if not (cursor.word("to", "is", "of", "by", ":", "=")):
        return None
    return cursor.take(UNITS) or cursor.take(UNIT_ADVERBS)


def _back(cursor: Cursor) -> str | None:
    if not cursor.words("back to", "switch back to", "change back to", "change it back to", "return to"):
        return None
    cursor.word("by", "the")
    unit = cursor.take(UNITS) or cursor.take(UNIT_ADVERBS)
    cursor.skip(VIEWS)
    return unit
