"""Folds all notes of a step's reviews into the question, the oldest first. Modifications win over notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from baton.agents.contract import Review
from supabase_agent.notes.folding import ATTRIBUTES, DATES, value_of
from supabase_agent.notes.history import History
from supabase_agent.notes.outcome import Entry, Verdict, explained, withdrawn
from supabase_agent.notes.vocabulary import Vocabulary
from supabase_agent.question import Question

NOTHING: frozenset[str] = frozenset()
SCOPE = frozenset({"companies", "departments"})


@dataclass(frozen=True)
class Decision:
    """``base`` is the question without the notes, ``question`` with them.

    ``changed_at`` has the fields that notes change, each with the number of the newest review that changes it.
    """

    base: Question
    question: Question
    entries: tuple[Entry, ...]
    changed_at: Mapping[str, int]

    def variants(self) -> Iterator[tuple[Question, frozenset[str]]]:
        """The questions to try, until one has an answer. Each comes with the fields for which it ignores the notes.

        Questions that keep the changes of newer notes come first. The last one is ``base``: a note never fails an
        attempt.
        """
        groups = self._groups()
        for kept in product((True, False), repeat=len(groups)):
            dropped = NOTHING.union(*(group for group, keeps in zip(groups, kept, strict=True) if not keeps))
            yield self._without(dropped), dropped

    def report(
        self, used: Question, dropped: frozenset[str] = NOTHING, reason: str = ""
    ) -> dict[str, list[dict[str, Any]]]:
        """``{"applied": […], "notApplied": […]}`` for an answer to the question ``used``.

        Changes of the ``dropped`` fields are reported as not applied, with ``reason``.
        """
        entries = [self._final(entry, used, dropped, reason) for entry in self.entries]
        return {
            "applied": [one.to_json() for one in entries if one.verdict is Verdict.APPLIED],
            "notApplied": [one.to_json() for one in entries if one.verdict is not Verdict.APPLIED],
        }

    def _final(self, entry: Entry, used: Question, dropped: frozenset[str], reason: str) -> Entry:
        if entry.verdict is Verdict.OVERRULED:
            return explained(entry, value_of(self.base, entry.field), value_of(used, entry.field))
        if entry.verdict is Verdict.APPLIED and entry.field in dropped:
            return withdrawn(entry, f"It could not be answered with this: {reason}.")
        return entry

    def _groups(self) -> list[frozenset[str]]:
        """The changed fields, the newest first. Fields that one note may have set together are one group."""
        changed = [field for field in ATTRIBUTES if value_of(self.question, field) != value_of(self.base, field)]
        newest_first = sorted(changed, key=lambda field: -self.changed_at[field])
        return list(dict.fromkeys(self._group(field, newest_first) for field in newest_first))

    def _group(self, field: str, changed: Iterable[str]) -> frozenset[str]:
        if field in DATES:
            return DATES.intersection(changed)
        if field in SCOPE:
            return frozenset(one for one in SCOPE & set(changed) if self.changed_at[one] == self.changed_at[field])
        return frozenset({field})

    def _without(self, fields: frozenset[str]) -> Question:
        old: dict[str, Any] = {ATTRIBUTES[field]: value_of(self.base, field) for field in fields}
        return replace(self.question, **old)


def has_notes(review: Review | None) -> bool:
    """Whether the review or an earlier one has notes to report on."""
    if review is None:
        return False
    return review.earlier_left_out > 0 or any(one.notes.strip() for one in (*review.earlier, review))


def decide(review: Review, base: Question, vocabulary: Vocabulary) -> Decision:
    """Fold the notes of ``review`` and of earlier reviews into ``base``, the question without notes.

    ``base`` has all modifications that are still in force, also those of earlier reviews.
    """
    history = History((*review.earlier, review), base, vocabulary)
    folded = history.fold_all()
    entries = (*_left_out(review.earlier_left_out), *folded.entries)
    return Decision(base, folded.question, entries, folded.changed_at)


def _left_out(count: int) -> list[Entry]:
    if count < 1:
        return []
    retries = "1 earlier retry" if count == 1 else f"{count} earlier retries"
    return [Entry("", f"The notes of {retries} are no longer looked at; write again what still matters of them.")]
