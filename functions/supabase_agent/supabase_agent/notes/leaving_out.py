"""What is left of a question's names without some of them."""

from __future__ import annotations

from collections.abc import Sequence

from supabase_agent.names import key
from supabase_agent.notes.changes import CannotApply
from supabase_agent.notes.outcome import NOUNS, in_words
from supabase_agent.notes.vocabulary import Vocabulary
from supabase_agent.question import Question


class NothingLeft(CannotApply):
    """All names would be left out."""


class NotThere(CannotApply):
    """None of the names is among those that the question is about."""


def leave_out(
    field: str, names: Sequence[str], question: Question, vocabulary: Vocabulary
) -> tuple[tuple[str, ...], list[str]]:
    """The names that are left, and those of ``names`` that were not there to leave out.

    Raises:
        NotThere: none of the names is there.
        NothingLeft: all that are there would be left out.
        CannotApply: a name is only a part of one that is there.
    """
    there = _there(field, question, vocabulary)
    if field == "kpiNames":
        left = _kpis(names, there, vocabulary)
    else:
        left = tuple(name for name in there if key(name) not in map(key, names))
    missing = not_there(field, names, question, vocabulary)
    if len(missing) == len(names):
        verb = "is" if len(names) == 1 else "are"
        raise NotThere(
            f"{in_words(tuple(names))} {verb} not among the {NOUNS[field]}, which are {in_words(there)}.", field
        )
    if not left:
        raise NothingLeft(f"That would leave out all {NOUNS[field]}; say which one to show.", field)
    return left, missing


def not_there(field: str, names: Sequence[str], question: Question, vocabulary: Vocabulary) -> list[str]:
    """Those of ``names`` that the question is not about."""
    there = _there(field, question, vocabulary)
    if field == "kpiNames":
        present = frozenset[str]().union(*map(vocabulary.metric_ids, there))
        return [name for name in names if not vocabulary.metric_ids(name) & present]
    return [name for name in names if key(name) not in map(key, there)]


def _there(field: str, question: Question, vocabulary: Vocabulary) -> tuple[str, ...]:
    return question.kpi_names if field == "kpiNames" else _asked(field, question, vocabulary)


def _kpis(names: Sequence[str], there: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """By metric, because a KPI can be asked for by synonyms, and by its unit."""
    out = frozenset[str]().union(*map(vocabulary.metric_ids, names))
    left: list[str] = []
    for name in there:
        own = vocabulary.metric_ids(name)
        if own & out and not own <= out:
            raise CannotApply(f"{in_words(tuple(names))} is only a part of {name}; name the units to show.", "kpiNames")
        if not own & out:
            left.append(name)
    return tuple(left)


def _asked(field: str, question: Question, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The companies or departments that the question is about; all that there are if it names none."""
    companies = set(map(key, question.companies))
    known = [one for one in vocabulary.departments if not companies or key(one.company) in companies]
    if field == "companies":
        return tuple(dict.fromkeys(one.company for one in known))
    departments = set(map(key, question.departments))
    return tuple(dict.fromkeys(one.name for one in known if not departments or key(one.name) in departments))
