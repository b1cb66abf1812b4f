"""The outcome of each part of a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

from supabase_agent.names import key
from supabase_agent.notes.changes import Change, Value

NOUNS = {
    "kpiNames": "KPIs",
    "companies": "companies",
    "departments": "departments",
    "grouping": "grouping",
    "startDate": "start date",
    "endDate": "end date",
}


class Verdict(Enum):
    APPLIED = "applied"
    REFUSED = "refused"
    NEEDLESS = "needless"  # the names to leave out are not in the question, maybe because of earlier notes
    OVERRULED = "overruled"  # modifications set the same field


@dataclass(frozen=True)
class Entry:
    """One sentence about a part of a note, and about one field at most.

    ``asked`` is the value that the part gives the field or, if ``leaves_out``, the names to leave out. It is None if
    the part was not understood. ``used`` is the value of the answer; ``explained`` sets it if modifications won.
    """

    note: str
    message: str
    field: str = ""
    verdict: Verdict = Verdict.REFUSED
    asked: Value | None = None
    leaves_out: bool = False
    used: Value | None = None

    def to_json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"note": self.note, "message": self.message}
        if self.field:
            entry["field"] = self.field
        if self.asked is not None and self.used is not None:
            entry |= {"asked": _json(self.asked), "used": _json(self.used)}
        return entry


def withdrawn(entry: Entry, reason: str) -> Entry:
    """The entry of a part that was applied, as an entry that is not applied."""
    return Entry(entry.note, reason, entry.field)


def applied(note: str, field: str, wanted: Change, missing: Sequence[str] = ()) -> Entry:
    """An applied part. ``missing`` are the names to leave out that the question does not have."""
    value = wanted.values[field]
    if not wanted.leaves_out:
        return Entry(note, _set(field, value), field, Verdict.APPLIED, value)
    assert isinstance(value, tuple)
    message = f"Left out {in_words(tuple(name for name in value if name not in missing))}."
    if missing:
        message += f" There was no {in_words(tuple(missing))} to leave out."
    return Entry(note, message, field, Verdict.APPLIED, value, leaves_out=True)


def overruled(note: str, field: str, asked: Value) -> Entry:
    """A part that asks for the value ``asked`` in a field that modifications set."""
    return Entry(note, "", field, Verdict.OVERRULED, asked)


def explained(entry: Entry, set_to: Value, used: Value) -> Entry:
    """The overruled entry with its message. Modifications set its field to ``set_to``; the answer has ``used``."""
    assert entry.asked is not None
    field, asked = entry.field, in_words(entry.asked)
    noun = "" if field == "kpiNames" else f"the {NOUNS[field]} "
    only = " only" if isinstance(entry.asked, tuple) else ""
    if used != set_to:
        message = f"Modifications won over it, and later notes set the {NOUNS[field]} to {in_words(used)}."
    elif _same(entry.asked, used):
        message = f"The modifications set {noun}{in_words(used)} already."
    else:
        message = f"Kept {noun}{in_words(used)}, which the modifications set; the note asks for {asked}{only}."
    return replace(entry, message=message, used=used)


def in_words(value: Value) -> str:
    if not isinstance(value, tuple):
        return str(value)
    if len(value) < 2:
        return value[0] if value else "(all)"
    return f"{', '.join(value[:-1])} and {value[-1]}"


def _set(field: str, value: Value) -> str:
    if isinstance(value, tuple):
        return f"Narrowed the {NOUNS[field]} to {in_words(value)}."
    return f"Grouped by {value}." if field == "grouping" else f"Set the {NOUNS[field]} to {value}."


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return set(map(key, one)) == set(map(key, other))
    return one == other


def _json(value: Value) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
