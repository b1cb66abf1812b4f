"""Material: what a context holds, sorted into the kinds of things that a brief is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from summarizer.labels import Path
from summarizer.request import Request
from summarizer.scope import Scope
from summarizer.summary import Summary, written_up

PLAIN_EXPONENT = 40  # beyond this a number is written with its exponent
MAX_WHOLE_NUMBER_BITS = 1000


@dataclass(frozen=True)
class Text:
    """Markdown that the context gives."""

    path: Path
    markdown: str


@dataclass(frozen=True)
class Fact:
    """One value with a name; ``text`` is not Markdown yet."""

    path: Path
    text: str


@dataclass(frozen=True)
class Table:
    """A list of records."""

    path: Path
    records: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Figures:
    """Rows of KPI figures, read and computed."""

    path: Path
    request: Request
    summary: Summary

    def narrowed(self, scope: Scope) -> Figures:
        """The same figures, told to be of ``scope``."""
        request = replace(self.request, scope=scope)
        return replace(self, request=request, summary=written_up(request))


@dataclass(frozen=True)
class Trouble:
    """What did not go well: a status, or the message of an error. ``text`` is not Markdown yet; ``link`` stands between
    the label and it."""

    path: Path
    text: str
    link: str = ": "


@dataclass
class Material:
    """Everything a context holds, each kind in the order of the context.

    ``missing`` are the paths of nulls and of empty values. ``notes`` are Markdown sentences. ``for_machines`` says that
    ids, SQL, plans or timings were passed over.
    """

    texts: list[Text] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    missing: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    for_machines: bool = False

    def __bool__(self) -> bool:
        """Whether there is anything to tell. What is missing is told only beside something else."""
        told = (self.texts, self.facts, self.tables, self.figures, self.troubles, self.notes, self.for_machines)
        return any(told)


def is_blank(value: Any) -> bool:
    """Whether a value is null or its JSON, a text without any character but spaces, an object without keys, or holds
    nothing but such values. A list without items is something: it says that there are none."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case None:
                continue
            case str() as text if text.strip() in ("", "null"):
                continue
            case Mapping() as mapping:
                waiting.extend(mapping.values())
            case list() | tuple() as items if items:
                waiting.extend(items)
            case _:
                return False
    return True


def is_scalar(value: Any) -> bool:
    return not isinstance(value, (Mapping, list, tuple))


def written(value: Any) -> str:
    """A scalar as text: every digit of a number as it was given, without thousands separators, because a number without
    a unit may be a year or a code."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() if value.bit_length() > MAX_WHOLE_NUMBER_BITS:
            return f"a whole number of about {value.bit_length() * 30103 // 100000:,} digits"
        case float():
            return _decimal(Decimal(repr(value)))
        case Decimal():
            return _decimal(value)
        case _:
            return str(value)


def _decimal(value: Decimal) -> str:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        return {"n": "not a number", "N": "not a number", "F": "infinite"}[exponent]
    return f"{value:f}" if abs(exponent) <= PLAIN_EXPONENT else str(value)
