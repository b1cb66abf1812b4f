"""What became of each part of a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from supabase_agent.notes.changes import Change, Value

NOUNS = {
    "kpiNames": "KPIs",
    "companies": "companies",
    "departments": "departments",
    "grouping": "grouping",
    "startDate": "start date",
    "endDate": "end date",
}


@dataclass(frozen=True)
class Entry:
    """One sentence about one part of a note. ``asked`` and ``used`` are None unless modifications won over it."""

    note: str
    message: str
    field: str = ""
    asked: Value | None = None
    used: Value | None = None

    def to_json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"note": self.note, "message": self.message}
        if self.field:
            entry["field"] = self.field
        if self.asked is not None and self.used is not None:
            entry |= {"asked": _json(self.asked), "used": _json(self.used)}
        return entry


@dataclass(frozen=True)
class Outcome:
    """``change`` is None for what was not applied. There is an entry for each field that it is about."""

    entries: tuple[Entry, ...]
    change: Change | None = None


def not_applied(note: str, reason: str, field: str = "") -> Outcome:
    return Outcome((Entry(note, reason, field),))


def withdrawn(outcome: Outcome, reason: str) -> Outcome:
    """An applied part that is not applied after all."""
    return Outcome(tuple(Entry(entry.note, reason, entry.field) for entry in outcome.entries))


def applied(note: str, change: Change, missing: Sequence[str], remaining: tuple[str, ...]) -> Outcome:
    """``missing`` and ``remaining`` are about a change that leaves names out: those not there, and those left."""
    if not change.leaves_out:
        entries = (Entry(note, _set(field, value), field) for field, value in change.values.items())
        return Outcome(tuple(entries), change)
    ((field, names),) = change.values.items()
    assert isinstance(names, tuple)
    left_out = tuple(name for name in names if name not in missing)
    message = f"Left out {in_words(left_out)}; what remains is {in_words(remaining)}."
    if missing:
        message += f" There was no {in_words(tuple(missing))} to leave out."
    return Outcome((Entry(note, message, field),), change)


def _set(field: str, value: Value) -> str:
    if isinstance(value, tuple):
        return f"Narrowed the {NOUNS[field]} to {in_words(value)}."
    return f"Grouped by {value}." if field == "grouping" else f"Set the {NOUNS[field]} to {value}."


def kept(note: str, field: str, asked: Value, used: Value) -> Entry:
    """The modifications won: ``used`` is what they set, ``asked`` what the note wants."""
    noun = "" if field == "kpiNames" else f"the {NOUNS[field]} "
    if asked == used:
        return Entry(note, f"The modifications set {noun}{in_words(used)} already.", field, asked, used)
    only = " only" if isinstance(asked, tuple) else ""
    message = f"Kept {noun}{in_words(used)}, which the modifications set; the note asks for {in_words(asked)}{only}."
    return Entry(note, message, field, asked, used)


def in_words(value: Value) -> str:
    if not isinstance(value, tuple):
        return str(value)
    if len(value) < 2:
        return value[0] if value else "(all)"
    return f"{', '.join(value[:-1])} and {value[-1]}"


def _json(value: Value) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
