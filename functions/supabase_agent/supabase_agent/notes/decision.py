"""All notes of a step's reviews, folded into the question: the oldest first, and modifications win over notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from baton.agents.contract import Review
from supabase_agent.notes.folding import ATTRIBUTES, DATES, Folding
from supabase_agent.notes.modifications import fields_set
from supabase_agent.notes.outcome import Outcome, in_words, withdrawn
from supabase_agent.notes.reader import read
from supabase_agent.notes.vocabulary import Vocabulary
from supabase_agent.question import Question

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Decision:
    """``base`` is the question without the notes, ``question`` with them."""

    base: Question
    question: Question
    outcomes: tuple[Outcome, ...]

    def variants(self) -> Iterator[tuple[Question, frozenset[str]]]:
        """Questions to try until one can be answered, each with the fields that the notes do not change in it.

        First with all changes, then without one of them, at last without any: a note never fails an attempt.
        """
        changed = {field for field, name in ATTRIBUTES.items() if getattr(self.question, name) != self._of_base(name)}
        groups = [frozenset({field}) for field in sorted(changed - DATES)]
        if changed & DATES:
            groups.append(DATES)
        yield self.question, NOTHING
        if len(groups) > 1:
            yield from ((self._without(group), group) for group in groups)
        if groups:
            yield self.base, NOTHING.union(*groups)

    def report(self, dropped: frozenset[str] = NOTHING, reason: str = "") -> dict[str, list[dict[str, Any]]]:
        """``{"applied": […], "notApplied": […]}``.

        What changes the ``dropped`` fields is not applied, for ``reason``.
        """
        outcomes = [
            withdrawn(one, f"It could not be answered with this: {reason}.")
            if one.change and dropped & one.change.values.keys()
            else one
            for one in self.outcomes
        ]
        return {
            "applied": [entry.to_json() for one in outcomes if one.change for entry in one.entries],
            "notApplied": [entry.to_json() for one in outcomes if not one.change for entry in one.entries],
        }

    def _of_base(self, name: str) -> Any:
        return getattr(self.base, name)

    def _without(self, fields: frozenset[str]) -> Question:
        return replace(self.question, **{ATTRIBUTES[field]: self._of_base(ATTRIBUTES[field]) for field in fields})


def has_notes(review: Review | None) -> bool:
    return review is not None and any(one.notes.strip() for one in (*review.earlier, review))


def decide(review: Review, context: Mapping[str, Any], base: Question, vocabulary: Vocabulary) -> Decision:
    """Fold the notes of ``review`` and of those before it into ``base``, the question that ``context`` asks."""
    reviews = (*review.earlier, review)
    set_by = [fields_set(one, context if one is review else None) for one in reviews]
    question = base
    outcomes: list[Outcome] = []
    for at, one in enumerate(reviews):
        locked = NOTHING.union(*set_by[at:])
        folding = Folding(read(one.notes, vocabulary), question, base, locked, vocabulary)
        newest = folding.outcomes()
        outcomes = [_superseded(earlier, newest) for earlier in outcomes] + newest
        question = folding.question
    return Decision(base, question, tuple(outcomes))


def _superseded(earlier: Outcome, newest: list[Outcome]) -> Outcome:
    """The earlier outcome, or that a later note asks for something else."""
    for later in newest:
        if earlier.change is None or later.change is None or later.change.leaves_out or later.change == earlier.change:
            continue
        for field in earlier.change.values.keys() & later.change.values.keys():
            return withdrawn(earlier, f"A later note asks for {in_words(later.change.values[field])}.")
    return earlier
