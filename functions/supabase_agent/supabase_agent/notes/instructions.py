"""The instructions that a note can give."""

from __future__ import annotations

from dataclasses import dataclass

from supabase_agent.notes.spans import Span
from supabase_agent.notes.vocabulary import Meaning


@dataclass(frozen=True)
class Name:
    """A name as the note has it. ``meanings`` are empty if the catalogue does not have it."""

    text: str
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True)
class Names:
    """The names of one list. ``kind`` is the noun beside them ("the Sales department"), or empty."""

    names: tuple[Name, ...]
    kind: str = ""
    may_choose: bool = False  # the list has an "or"


@dataclass(frozen=True)
class Only:
    """``is_implied`` if the note has no word such as "only": "arr by week"."""

    names: Names
    is_implied: bool = False


@dataclass(frozen=True)
class Without:
    names: Names


@dataclass(frozen=True)
class GroupBy:
    """``unit`` may be one that a question does not allow, such as ``year``."""

    unit: str


@dataclass(frozen=True)
class Dates:
    """A range from the first day of ``start`` to the last day of ``end``. None does not change that end."""

    start: Span | None
    end: Span | None


@dataclass(frozen=True)
class Negated:
    """The note says that the reviewer does not want this."""

    instruction: Only | Without | GroupBy | Dates


Instruction = Only | Without | GroupBy | Dates | Negated


@dataclass(frozen=True)
class Phrase:
    """A part of a note, verbatim, with its instruction; or with the reason why the agent does not follow it.

    No comma or "and" divides phrases of one ``unit`` ("only arr in August"): the agent follows all or none of them.
    """

    text: str
    instruction: Instruction | None
    reason: str = ""
    unit: tuple[int, int] = (0, 0)
