"""What a note can tell the agent to do."""

from __future__ import annotations

from dataclasses import dataclass

from supabase_agent.notes.spans import Span
from supabase_agent.notes.vocabulary import Meaning


@dataclass(frozen=True)
class Name:
    """A name as it was written. ``meanings`` are empty if the catalogue does not know it."""

    text: str
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True)
class Names:
    """Names in one list. ``kind`` is empty unless a noun beside them ("the Sales department") tells it."""

    names: tuple[Name, ...]
    kind: str = ""
    may_choose: bool = False  # "or" stands between them


@dataclass(frozen=True)
class Only:
    """``is_implied`` where no word such as "only" says it: "arr by week"."""

    names: Names
    is_implied: bool = False


@dataclass(frozen=True)
class Without:
    names: Names


@dataclass(frozen=True)
class GroupBy:
    """``unit`` may be one that a question cannot be grouped by, such as ``year``."""

    unit: str


@dataclass(frozen=True)
class Dates:
    """A range from the first day of ``start`` to the last day of ``end``; None leaves that end as it is."""

    start: Span | None
    end: Span | None


@dataclass(frozen=True)
class Negated:
    """The note says that this is not wanted."""

    instruction: Only | Without | GroupBy | Dates


Instruction = Only | Without | GroupBy | Dates | Negated


@dataclass(frozen=True)
class Phrase:
    """A part of a note, verbatim, with what it tells to do; or with the reason why the agent does not do it.

    Phrases of one ``unit`` stand together without a comma or "and" ("only arr in August"): all are done or none.
    """

    text: str
    instruction: Instruction | None
    reason: str = ""
    unit: tuple[int, int] = (0, 0)
