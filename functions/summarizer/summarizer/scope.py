"""Scope: the companies and departments that the figures were narrowed to, and how a page names them."""

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
    """An empty tuple stands for all. What the properties give is plain text, and empty where nothing is narrowed."""

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
        """What figures are *of*: ``the Platform department of Acme only``, ``Acme only``."""
        return f"{self._article}{self.short}"

    @property
    def full_in_sentence(self) -> str:
        """The same with the names of all, as far as a sentence can hold them."""
        return f"{self._article}{self._phrase(MAX_LISTED)} only" if self else ""

    @property
    def _article(self) -> str:
        """Departments have one, names of companies have none."""
        return "the " if self.departments else ""

    def _phrase(self, most: int) -> str:
        departments = _departments(self.departments, most) if self.departments else ""
        companies = _some(self.companies, most, "companies") if self.companies else ""
        return " of ".join(filter(None, [departments, companies]))


def _departments(names: Sequence[str], most: int) -> str:
    """The names with their noun, unless it stands there already."""
    said = _some(names, most, "departments")
    if said.casefold().endswith(("department", "departments")):
        return said
    return f"{said} {'department' if len(names) == 1 else 'departments'}"


def _some(names: Sequence[str], most: int, noun: str) -> str:
    return shortened([_cut(one_line(name)) for name in names], most, f"more {noun}")


def _cut(name: str) -> str:
    return name if len(name) <= MAX_LENGTH else name[: MAX_LENGTH - 1] + "…"
