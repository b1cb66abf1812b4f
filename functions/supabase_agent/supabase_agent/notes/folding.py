"""One note, folded into a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from supabase_agent.notes.changes import CannotApply, Change, Value, change, positive
from supabase_agent.notes.instructions import Negated, Phrase
from supabase_agent.notes.leaving_out import leave_out
from supabase_agent.notes.outcome import Entry, Outcome, applied, kept, not_applied
from supabase_agent.notes.vocabulary import Vocabulary
from supabase_agent.question import Question

ATTRIBUTES = {
    "kpiNames": "kpi_names",
    "startDate": "start",
    "endDate": "end",
    "grouping": "grouping",
    "companies": "companies",
    "departments": "departments",
}
DATES = frozenset({"startDate", "endDate"})


class Folding:
    """Folds the phrases of one note. ``base`` is the question of the context, which holds what modifications set."""

    def __init__(
        self,
        phrases: Sequence[Phrase],
        question: Question,
        base: Question,
        locked: frozenset[str],
        vocabulary: Vocabulary,
    ) -> None:
        self.question = question
        self._phrases = phrases
        self._base = base
        self._locked = locked
        self._vocabulary = vocabulary
        self._outcomes: dict[int, Outcome] = {}
        self._changes: dict[int, Change] = {}

    def outcomes(self) -> list[Outcome]:
        """What became of each phrase, in order. ``question`` is the folded question from then on."""
        for at, phrase in enumerate(self._phrases):
            self._read(at, phrase)
        self._refuse_what_is_not_wanted()
        self._refuse_contradictions()
        self._refuse_what_belongs_to_the_refused()
        self._refuse_what_modifications_set()
        self._apply_dates()
        for at in sorted(self._open(), key=self._order):
            self._apply(at)
        return [self._outcomes[at] for at in range(len(self._phrases))]

    def _read(self, at: int, phrase: Phrase) -> None:
        if phrase.instruction is None:
            self._refuse(at, phrase.reason)
            return
        try:
            self._changes[at] = change(positive(phrase.instruction), self.question, self._vocabulary)
        except CannotApply as error:
            self._refuse(at, str(error), error.field)

    def _refuse_what_belongs_to_the_refused(self) -> None:
        """Without its other half, "only arr in October 2203" would be "only arr"."""
        refused = {self._phrases[at].unit: self._phrases[at].text for at in self._outcomes}
        for at in self._open():
            phrase = self._phrases[at]
            if phrase.unit in refused:
                self._refuse(at, f"It belongs to “{refused[phrase.unit]}”, which could not be applied.")

    def _refuse_what_is_not_wanted(self) -> None:
        for at in self._open():
            if self._is_negated(at):
                others = [other for other in self._open() if not self._is_negated(other)]
                for other in others:
                    if self._changes[other] == self._changes[at]:
                        self._contradict(other, at)
                self._refuse(at, "It says what is not wanted; say what is wanted instead.", self._field(at))

    def _refuse_contradictions(self) -> None:
        open_ = self._open()
        pairs = [(one, other) for one in open_ for other in open_ if one != other]
        contrary = {one: other for one, other in pairs if _contradict(self._changes[one], self._changes[other])}
        for one, other in contrary.items():
            self._contradict(one, other)

    def _refuse_what_modifications_set(self) -> None:
        for at, wanted in self._changes.items():
            if self._locked & wanted.values.keys() and not self._is_negated(at):
                entries = (self._locked_entry(at, field, value) for field, value in wanted.values.items())
                self._outcomes[at] = Outcome(tuple(entries))

    def _locked_entry(self, at: int, field: str, value: Value) -> Entry:
        note, used = self._phrases[at].text, _value(self._base, field)
        if field not in self._locked:
            return Entry(note, f"Kept {used} too, because the dates of a note belong together.", field)
        if not self._changes[at].leaves_out:
            return kept(note, field, value, used)
        assert isinstance(value, tuple)
        try:
            return kept(note, field, leave_out(field, value, self._base, self._vocabulary)[0], used)
        except CannotApply as error:
            return Entry(note, f"{error} The modifications set them.", field)

    def _apply_dates(self) -> None:
        """All dates of the note at once, because one of them alone can lie beyond the other end of the old range."""
        dated = [at for at in self._open() if self._changes[at].values.keys() <= DATES]
        folded = self.question
        for at in dated:
            folded = _with(folded, self._changes[at])
        for at in dated:
            if folded.start > folded.end:
                self._refuse(at, f"The range {folded.start} to {folded.end} ends before it starts.", self._field(at))
            else:
                self._outcomes[at] = applied(self._phrases[at].text, self._changes[at], (), ())
                self.question = folded

    def _apply(self, at: int) -> None:
        wanted, note = self._changes[at], self._phrases[at].text
        if not wanted.leaves_out:
            self.question = _with(self.question, wanted)
            self._outcomes[at] = applied(note, wanted, (), ())
            return
        ((field, names),) = wanted.values.items()
        assert isinstance(names, tuple)
        try:
            left, missing = leave_out(field, names, self.question, self._vocabulary)
        except CannotApply as error:
            self._refuse(at, str(error), error.field)
            return
        self.question = _with(self.question, Change({field: left}))
        self._outcomes[at] = applied(note, wanted, missing, left)

    def _order(self, at: int) -> tuple[bool, bool]:
        """What narrows comes before what leaves out, and companies before their departments."""
        wanted = self._changes[at]
        return wanted.leaves_out, "departments" in wanted.values

    def _open(self) -> list[int]:
        return [at for at in self._changes if at not in self._outcomes]

    def _is_negated(self, at: int) -> bool:
        return isinstance(self._phrases[at].instruction, Negated)

    def _field(self, at: int) -> str:
        return next(iter(self._changes[at].values))

    def _contradict(self, at: int, other: int) -> None:
        text = self._phrases[other].text
        self._refuse(at, f"The note contradicts it with “{text}”; say only one of them.", self._field(at))

    def _refuse(self, at: int, reason: str, field: str = "") -> None:
        self._outcomes[at] = not_applied(self._phrases[at].text, reason, field)


def _contradict(one: Change, other: Change) -> bool:
    for field in one.values.keys() & other.values.keys():
        mine, others = one.values[field], other.values[field]
        if one.leaves_out != other.leaves_out and isinstance(mine, tuple) and isinstance(others, tuple):
            return bool(set(mine) & set(others))
        if not one.leaves_out and not other.leaves_out and mine != others:
            return not (isinstance(mine, tuple) and isinstance(others, tuple) and set(mine) == set(others))
    return False


def _with(question: Question, wanted: Change) -> Question:
    return replace(question, **{ATTRIBUTES[field]: value for field, value in wanted.values.items()})  # type: ignore[arg-type]


def _value(question: Question, field: str) -> Value:
    value: str | date | tuple[str, ...] = getattr(question, ATTRIBUTES[field])
    return value
