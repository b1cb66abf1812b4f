"""Leaves names out of a question."""

from __future__ import annotations

from collections.abc import Sequence

from supabase_agent.names import key
from supabase_agent.notes.changes import CannotApply
from supabase_agent.notes.outcome import NOUNS, in_words
from supabase_agent.notes.vocabulary import Vocabulary
from supabase_agent.question import Question


class NothingLeft(CannotApply):
    """No name would be left."""


class NotThere(CannotApply):
    """The question has none of the names."""


def leave_out(
    field: str, names: Sequence[str], question: Question, vocabulary: Vocabulary
) -> tuple[tuple[str, ...], list[str]]:
    """The names that are left, and those of ``names`` that the question does not have.

    Raises:
        NotThere: the question has none of the names.
        NothingLeft: no name would be left.
        CannotApply: a name is only a part of one of the question's.
    """
    present = _present(field, question, vocabulary)
    if field == "kpiNames":
        left = _kpis(names, present, vocabulary)
    else:
        left = tuple(name for name in present if key(name) not in map(key, names))
    missing = not_there(field, names, question, vocabulary)
    if len(missing) == len(names):
        verb = "is" if len(names) == 1 else "are"
        raise NotThere(
            f"{in_words(tuple(names))} {verb} not among the {NOUNS[field]}, which are {in_words(present)}.", field
        )
    if not left:
        raise NothingLeft(f"That would leave out all {NOUNS[field]}; say which one to show.", field)
    return left, missing


def not_there(field: str, names: Sequence[str], question: Question, vocabulary: Vocabulary) -> list[str]:
    """Those of ``names`` that the question does not have."""
    present = _present(field, question, vocabulary)
    if field == "kpiNames":
        ids = frozenset[str]().union(*map(vocabulary.metric_ids, present))
        return [name for name in names if not vocabulary.metric_ids(name) & ids]
    return [name for name in names if key(name) not in map(key, present)]


def _present(field: str, question: Question, vocabulary: Vocabulary) -> tuple[str, ...]:
    return question.kpi_names if field == "kpiNames" else _asked(field, question, vocabulary)


def _kpis(names: Sequence[str], present: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Compares metrics, not names, because a question can name a KPI by a synonym or with its unit."""
    out = frozenset[str]().union(*map(vocabulary.metric_ids, names))
    left: list[str] = []
    for name in present:
        own = vocabulary.metric_ids(name)
        if own & out and not own <= out:
            raise CannotApply(f"{in_words(tuple(names))} is only a part of {name}; name the units to show.", "kpiNames")
        if not own & out:
            left.append(name)
    return tuple(left)


def _asked(field: str, question: Question, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The companies or departments that the question names; all that exist if it names none."""
    companies = set(map(key, question.companies))
    known = [one for one in vocabulary.departments if not companies or key(one.company) in companies]
    if field == "companies":
        return tuple(dict.fromkeys(one.company for one in known))
    departments = set(map(key, question.departments))
    return tuple(dict.fromkeys(one.name for one in known if not departments or key(one.name) in departments))
