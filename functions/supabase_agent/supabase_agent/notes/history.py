"""Folds the notes of several reviews, one after the other. If notes conflict, the newest count."""

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
    """The notes on ``field`` of the reviews up to number ``last`` are withdrawn for the note of review ``newer``.

    ``value`` is the value of the field before review ``newer``, with the withdrawn notes.
    """

    field: str
    last: int
    newer: int
    value: Value


@dataclass(frozen=True)
class Folded:
    """The result of folding reviews. ``emptied`` are the fields from which the newest note can leave nothing out."""

    question: Question
    entries_by_review: tuple[tuple[Entry, ...], ...]
    changed_at: Mapping[str, int]
    emptied: frozenset[str] = frozenset()

    @property
    def entries(self) -> list[Entry]:
        return [entry for entries in self.entries_by_review for entry in entries]

    def in_force(self, field: str) -> list[int]:
        """The numbers of the reviews with a note that is applied to the field."""
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

    def fold_all(self) -> Folded:
        withdrawals: tuple[Withdrawal, ...] = ()
        folded = Folded(self._base, (), {})
        for at in range(len(self._phrases)):
            before, folded = folded, self._next(folded, at, withdrawals)
            for field in sorted(folded.emptied):
                if (withdrawal := self._withdrawal(before, field, at, withdrawals)) is not None:
                    withdrawals = (*withdrawals, withdrawal)
                    folded = self._up_to(at, withdrawals)
        return folded

    def _withdrawal(
        self, before: Folded, field: str, newer: int, withdrawals: tuple[Withdrawal, ...]
    ) -> Withdrawal | None:
        """The withdrawal of the fewest old notes that is enough; None if the withdrawal of all is not enough."""
        value = value_of(before.question, field)
        for last in range(min(before.in_force(field), default=newer), newer):
            withdrawal = Withdrawal(field, last, newer, value)
            if field not in self._up_to(newer, (*withdrawals, withdrawal)).emptied:
                return withdrawal
        return None

    def _up_to(self, newest: int, withdrawals: Sequence[Withdrawal]) -> Folded:
        folded = Folded(self._base, (), {})
        for at in range(newest + 1):
            folded = self._next(folded, at, withdrawals)
        return folded

    def _next(self, folded: Folded, at: int, withdrawals: Sequence[Withdrawal]) -> Folded:
        """The reviews with one more, without the notes that are withdrawn from there on."""
        withdrawn_for = {one.field: one.value for one in withdrawals if one.newer == at}
        locked = frozenset[str]().union(*self._set_by[at:])
        folding = Folding(self._phrases[at], folded.question, self._base, locked, self._vocabulary, withdrawn_for)
        newest = tuple(folding.entries())
        earlier = (
            tuple(_superseded(one, newest, folding.reopened) for one in entries) for entries in folded.entries_by_review
        )
        changed_at = {**folded.changed_at} | {one.field: at for one in newest if one.verdict is Verdict.APPLIED}
        result = Folded(folding.question, (*earlier, newest), changed_at, folding.emptied)
        for field in {one.field for one in withdrawals if one.last == at}:
            result = self._without(result, field)
        return result

    def _without(self, folded: Folded, field: str) -> Folded:
        """The same with the field as in ``base``."""
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
        """Whether the entry would leave out names, were it not for earlier notes, which are withdrawn too."""
        if entry.verdict is not Verdict.NEEDLESS or not isinstance(entry.asked, tuple):
            return False
        missing = not_there(entry.field, entry.asked, self._base, self._vocabulary)
        return len(missing) < len(entry.asked)


def _superseded(earlier: Entry, newest: Iterable[Entry], reopened: frozenset[str]) -> Entry:
    """The earlier entry, withdrawn if a later note asks for something else."""
    if earlier.verdict not in (Verdict.APPLIED, Verdict.NEEDLESS):
        return earlier
    if earlier.field in reopened:
        return withdrawn(earlier, "A later note does not go together with it, and the later one counts.")
    for later in newest:
        sets = later.verdict is Verdict.APPLIED and later.field == earlier.field and not later.leaves_out
        if sets and later.asked is not None and (later.asked != earlier.asked or earlier.leaves_out):
            return withdrawn(earlier, f"A later note asks for {in_words(later.asked)}.")
    return earlier
