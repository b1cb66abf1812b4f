"""Scope: the companies and departments of the figures, and their names on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from summarizer.markup import one_line
from summarizer.prose import shortened

SCOPE_FIELDS = ("companies", "departments")
MAX_NAMED = 2  # in a title or a headline
MAX_LISTED = 25  # in a note
MAX_LENGTH = 80  # of a name


@dataclass(frozen=True)
class Scope:
    """An empty tuple means all. The properties are plain text, and empty if both tuples are empty."""

    companies: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.companies or self.departments)

    @property
    def short(self) -> str:
        """``Platform department of Acme only``; of five, ``Platform, Sales and 3 more departments only``."""
        return f"{self._phrase(MAX_NAMED)} only" if self else ""

    @property
    def short_in_sentence(self) -> str:
        """The scope after the word "of": ``the Platform department of Acme only``, ``Acme only``."""
        return f"{self._article}{self.short}"

    @property
    def full_in_sentence(self) -> str:
        """The same with more names."""
        return f"{self._article}{self._phrase(MAX_LISTED)} only" if self else ""

    @property
    def counted(self) -> str:
        """``7 departments only``, for a headline that has no room for names."""
        number, one, many = len(self.departments), "department", "departments"
        if not self.departments:
            number, one, many = len(self.companies), "company", "companies"
        return f"{number:,} {one if number == 1 else many} only" if self else ""

    @property
    def _article(self) -> str:
        """The article of departments; names of companies have none."""
        return "the " if self.departments else ""

    def _phrase(self, most: int) -> str:
        departments = _departments(self.departments, most) if self.departments else ""
        companies = _some(self.companies, most, "companies") if self.companies else ""
        return " of ".join(filter(None, [departments, companies]))


def _departments(names: Sequence[str], most: int) -> str:
    """The names with their noun, unless they end with it."""
    text = _some(names, most, "departments")
    if text.casefold().endswith(("department", "departments")):
        return text
    return f"{text} {'department' if len(names) == 1 else 'departments'}"


def _some(names: Sequence[str], most: int, noun: str) -> str:
    return shortened([_cut(one_line(name)) for name in names], most, f"more {noun}")


def _cut(name: str) -> str:
    return name if len(name) <= MAX_LENGTH else name[: MAX_LENGTH - 1] + "…"
