"""Material: the values of a context, sorted by kind for a brief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from summarizer.labels import Path
from summarizer.request import Request
from summarizer.scope import Scope
from summarizer.summary import Summary, written_up

MAX_PLAIN_EXPONENT = 40  # a number with a larger one is written with its exponent
MAX_WHOLE_NUMBER_BITS = 1000


@dataclass(frozen=True)
class Text:
    """A Markdown text of the context."""

    path: Path
    markdown: str


@dataclass(frozen=True)
class Fact:
    """One value with a name. ``text`` is plain text, not Markdown."""

    path: Path
    text: str


@dataclass(frozen=True)
class Table:
    """A list of records."""

    path: Path
    records: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Figures:
    """A set of rows of KPI figures, with its summary."""

    path: Path
    request: Request
    summary: Summary

    def narrowed(self, scope: Scope) -> Figures:
        """The same figures with the scope ``scope``."""
        request = replace(self.request, scope=scope)
        return replace(self, request=request, summary=written_up(request))


@dataclass(frozen=True)
class Trouble:
    """A failure: a status, or the message of an error. ``text`` is plain text; ``link`` joins the label and it."""

    path: Path
    text: str
    link: str = ": "


@dataclass
class Material:
    """All values of a context, each kind in the order of the context.

    ``missing`` are the paths of nulls and empty values. ``notes`` are Markdown sentences. ``for_machines`` is true if
    the context has ids, SQL, plans or timings, which the walk skips.
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
        """Whether there is something to write about. Missing values alone are not enough."""
        content = (self.texts, self.facts, self.tables, self.figures, self.troubles, self.notes, self.for_machines)
        return any(content)


def is_blank(value: Any) -> bool:
    """Whether a value is null (also as JSON text), a text of spaces, an object without keys, or contains only such
    values. An empty list is not blank: it says that there are no items.
    """
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
    """A scalar as text. A number keeps all its digits and gets no thousands separators: it may be a year or a code."""
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
    return f"{value:f}" if abs(exponent) <= MAX_PLAIN_EXPONENT else str(value)
