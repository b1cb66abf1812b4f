"""The notes of several reviews, folded one after the other. Where they do not go together, the newest count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from baton.agents.contract import Review
from supabase_agent.notes.changes import Change, Value
from supabase_agent.notes.folding import Folding, value_of, with_change
from supabase_agent.notes.leaving_out import not_there
from supabase_agent.notes.modifications import fields_set
from supabase_agent.notes.outcome import NOUNS, Entry, Verdict, in_words, withdrawn
from supabase_agent.notes.reader import read
from supabase_agent.notes.vocabulary import Vocabulary
from supabase_agent.question import Question


@dataclass(frozen=True)
class Withdrawal:
    """What the reviews up to number ``last`` ask of ``field`` is withdrawn for the note of review ``newer``.

    ``value`` is what the field was before that note with what is withdrawn.
    """

    field: str
    last: int
    newer: int
    value: Value


@dataclass(frozen=True)
class Folded:
    """Reviews, folded. ``emptied`` are the fields of which the newest note can leave nothing out."""

    question: Question
    entries_by_review: tuple[tuple[Entry, ...], ...]
    changed_at: Mapping[str, int]
    emptied: frozenset[str] = frozenset()

    @property
    def entries(self) -> list[Entry]:
        return [entry for entries in self.entries_by_review for entry in entries]

    def in_force(self, field: str) -> list[int]:
        """The numbers of the reviews whose notes have something applied to the field."""
        return [
            at
            for at, entries in enumerate(self.entries_by_review)
            if any(entry.verdict is Verdict.APPLIED and entry.field == field for entry in entries)
        ]


class History:
    """Reviews, the oldest first. A review has a number, from 0."""

    def __init__(self, reviews: Sequence[Review], base: Question, vocabulary: Vocabulary) -> None:
        self._base = base
        self._vocabulary = vocabulary
        self._phrases = [read(one.notes, vocabulary) for one in reviews]
        self._set_by = [fields_set(one) for one in reviews]

    def all_folded(self) -> Folded:
        withdrawals: tuple[Withdrawal, ...] = ()
        folded = Folded(self._base, (), {})
        for at in range(len(self._phrases)):
            before, folded = folded, self._next(folded, at, withdrawals)
            for field in sorted(folded.emptied):
                if (found := self._withdrawal(before, field, at, withdrawals)) is not None:
                    withdrawals = (*withdrawals, found)
                    folded = self._up_to(at, withdrawals)
        return folded

    def _withdrawal(
        self, before: Folded, field: str, newer: int, withdrawals: tuple[Withdrawal, ...]
    ) -> Withdrawal | None:
        """The one that withdraws as few of the oldest notes as it must; None if even all are not enough."""
        value = value_of(before.question, field)
        for last in range(min(before.in_force(field), default=newer), newer):
            found = Withdrawal(field, last, newer, value)
            if field not in self._up_to(newer, (*withdrawals, found)).emptied:
                return found
        return None

    def _up_to(self, newest: int, withdrawals: Sequence[Withdrawal]) -> Folded:
        folded = Folded(self._base, (), {})
        for at in range(newest + 1):
            folded = self._next(folded, at, withdrawals)
        return folded

    def _next(self, folded: Folded, at: int, withdrawals: Sequence[Withdrawal]) -> Folded:
        """With one more review, and without what is withdrawn from there on."""
        withdrawn_for = {one.field: one.value for one in withdrawals if one.newer == at}
        locked = frozenset[str]().union(*self._set_by[at:])
        folding = Folding(self._phrases[at], folded.question, self._base, locked, self._vocabulary, withdrawn_for)
        newest = tuple(folding.entries())
        earlier = (
            tuple(_superseded(one, newest, folding.reopened) for one in entries) for entries in folded.entries_by_review
        )
        changed_at = {**folded.changed_at} | {one.field: at for one in newest if one.verdict is Verdict.APPLIED}
        found = Folded(folding.question, (*earlier, newest), changed_at, folding.emptied)
        for field in {one.field for one in withdrawals if one.last == at}:
            found = self._without(found, field)
        return found

    def _without(self, folded: Folded, field: str) -> Folded:
        """With the field as it was before all notes."""
        question = with_change(folded.question, Change({field: value_of(self._base, field)}))
        entries = tuple(tuple(self._withdrawn(one, field) for one in entries) for entries in folded.entries_by_review)
        changed_at = {one: at for one, at in folded.changed_at.items() if one != field}
        return replace(folded, question=question, entries_by_review=entries, changed_at=changed_at)

    def _withdrawn(self, entry: Entry, field: str) -> Entry:
        if entry.field != field or not (entry.verdict is Verdict.APPLIED or self._would_leave_out(entry)):
            return entry
        reason = f"Together with later notes it would leave none of the {NOUNS[field]}; the later ones count."
        return withdrawn(entry, reason)

    def _would_leave_out(self, entry: Entry) -> bool:
        """Whether the entry had nothing to leave out only because of earlier notes, which are withdrawn too."""
        if entry.verdict is not Verdict.NEEDLESS or not isinstance(entry.asked, tuple):
            return False
        missing = not_there(entry.field, entry.asked, self._base, self._vocabulary)
        return len(missing) < len(entry.asked)


def _superseded(earlier: Entry, newest: Iterable[Entry], reopened: frozenset[str]) -> Entry:
    """The earlier entry, or that a later note asks for something else."""
    if earlier.verdict not in (Verdict.APPLIED, Verdict.NEEDLESS):
        return earlier
    if earlier.field in reopened:
        return withdrawn(earlier, "A later note does not go together with it, and the later one counts.")
    for later in newest:
        sets = later.verdict is Verdict.APPLIED and later.field == earlier.field and not later.leaves_out
        if sets and later.asked is not None and (later.asked != earlier.asked or earlier.leaves_out):
            return withdrawn(earlier, f"A later note asks for {in_words(later.asked)}.")
    return earlier
