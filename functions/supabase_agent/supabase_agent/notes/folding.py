"""Folds one note into a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from supabase_agent.notes.changes import CannotApply, Change, Value, change, positive
from supabase_agent.notes.instructions import Negated, Phrase
from supabase_agent.notes.leaving_out import NothingLeft, NotThere, leave_out, not_there
from supabase_agent.notes.outcome import NOUNS, Entry, Verdict, applied, overruled
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
    """Folds the phrases of one note into ``question``, which has the changes of earlier notes.

    ``base`` is the question without notes, with all modifications. ``reopened`` are the dates that are again those of
    ``base``, because the dates of earlier notes make no range with the date of this note. ``emptied`` are the fields
    from which this note cannot leave names out, because of earlier notes.

    ``withdrawn`` has the fields whose earlier notes were withdrawn for this note, each with the value before that. The
    note need not leave out names again that this value does not have.
    """

    def __init__(
        self,
        phrases: Sequence[Phrase],
        question: Question,
        base: Question,
        locked: frozenset[str],
        vocabulary: Vocabulary,
        withdrawn: Mapping[str, Value],
    ) -> None:
        self.question = question
        self.reopened = frozenset[str]()
        self.emptied = frozenset[str]()
        self._withdrawn = withdrawn
        self._phrases = phrases
        self._base = base
        self._locked = locked
        self._vocabulary = vocabulary
        self._entries: dict[int, list[Entry]] = {}
        self._changes: dict[int, Change] = {}

    def entries(self) -> list[Entry]:
        """The outcome of each phrase, in order. After this call ``question`` is the folded question."""
        for at, phrase in enumerate(self._phrases):
            self._read(at, phrase)
        self._refuse_negations()
        self._refuse_contradictions()
        self._refuse_units_of(self._entries)
        self._overrule_modified_fields()
        self._refuse_units_of(self._apply_dates())
        for at in sorted(self._open(), key=self._order):
            self._apply(at)
        return [entry for at in range(len(self._phrases)) for entry in self._entries[at]]

    def _read(self, at: int, phrase: Phrase) -> None:
        if phrase.instruction is None:
            self._refuse(at, phrase.reason)
            return
        try:
            self._changes[at] = change(positive(phrase.instruction), self.question, self._vocabulary)
        except CannotApply as error:
            self._refuse(at, str(error), error.field)

    def _refuse_units_of(self, phrases: Iterable[int]) -> None:
        """Refuse the other phrases of these units: "only arr in October 2203" must not become "only arr"."""
        refused = {self._phrases[at].unit: self._phrases[at].text for at in phrases}
        for at in self._open():
            phrase = self._phrases[at]
            if phrase.unit in refused:
                self._refuse(at, f"It belongs to “{refused[phrase.unit]}”, which could not be applied.")

    def _refuse_negations(self) -> None:
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

    def _overrule_modified_fields(self) -> None:
        for at, wanted in self._changes.items():
            if self._locked & wanted.values.keys() and not self._is_negated(at):
                self._entries[at] = [self._locked_entry(at, field, value) for field, value in wanted.values.items()]

    def _locked_entry(self, at: int, field: str, value: Value) -> Entry:
        note = self._phrases[at].text
        if field not in self._locked:
            return Entry(note, "The dates of a note belong together, and modifications set the other one.", field)
        if not self._changes[at].leaves_out:
            return overruled(note, field, value)
        assert isinstance(value, tuple)
        try:
            return overruled(note, field, leave_out(field, value, self._base, self._vocabulary)[0])
        except CannotApply:
            return Entry(note, f"Modifications set the {NOUNS[field]}, so that nothing was left out for it.", field)

    def _apply_dates(self) -> list[int]:
        """Apply all dates of the note together, because a new start alone can be after the old end. Return the refused
        phrases.
        """
        dated = [at for at in self._open() if self._changes[at].values.keys() <= DATES]
        wanted = Change({field: value for at in dated for field, value in self._changes[at].values.items()})
        folded = with_change(self.question, wanted)
        if folded.start > folded.end:
            folded = self._reopened_for(wanted) or folded
        if folded.start > folded.end:
            for at in dated:
                self._refuse(at, f"The range {folded.start} to {folded.end} ends before it starts.", self._field(at))
            return dated
        self.question = folded
        for at in dated:
            text = self._phrases[at].text
            self._entries[at] = [applied(text, field, self._changes[at]) for field in self._changes[at].values]
        return []

    def _reopened_for(self, dates: Change) -> Question | None:
        """The question with these dates, and with the other end of the range from ``base``; None if it is no range."""
        other = DATES - dates.values.keys()
        before = Change({field: value_of(self._base, field) for field in other})
        folded = with_change(with_change(self.question, before), dates)
        if folded.start > folded.end:
            return None
        self.reopened |= other
        return folded

    def _apply(self, at: int) -> None:
        wanted, note, field = self._changes[at], self._phrases[at].text, self._field(at)
        if not wanted.leaves_out:
            self.question = with_change(self.question, wanted)
            self._entries[at] = [applied(note, field, wanted)]
            return
        try:
            left, missing = self._leave_out(at, field)
        except CannotApply as error:
            if isinstance(error, NothingLeft) or (field in self._withdrawn and not isinstance(error, NotThere)):
                self.emptied |= {field}
            verdict = Verdict.NEEDLESS if isinstance(error, NotThere) else Verdict.REFUSED
            self._entries[at] = [Entry(note, str(error), field, verdict, wanted.values[field], leaves_out=True)]
            return
        self.question = with_change(self.question, Change({field: left}))
        self._entries[at] = [applied(note, field, wanted, missing)]

    def _leave_out(self, at: int, field: str) -> tuple[Value, Sequence[str]]:
        """The names that are left in the field, and the names to leave out that the field does not have."""
        names = self._changes[at].values[field]
        assert isinstance(names, tuple)
        if field not in self._withdrawn:
            return leave_out(field, names, self.question, self._vocabulary)
        before = with_change(self.question, Change({field: self._withdrawn[field]}))
        missing_before = not_there(field, names, before, self._vocabulary)
        try:
            left, missing = leave_out(field, names, self.question, self._vocabulary)
        except NotThere:
            if len(missing_before) == len(names):
                raise
            return value_of(self.question, field), missing_before
        return left, [name for name in missing if name in missing_before]

    def _order(self, at: int) -> tuple[bool, bool]:
        """Phrases that narrow come before phrases that leave out, and companies before their departments."""
        wanted = self._changes[at]
        return wanted.leaves_out, "departments" in wanted.values

    def _open(self) -> list[int]:
        return [at for at in self._changes if at not in self._entries]

    def _is_negated(self, at: int) -> bool:
        return isinstance(self._phrases[at].instruction, Negated)

    def _field(self, at: int) -> str:
        return next(iter(self._changes[at].values))

    def _contradict(self, at: int, other: int) -> None:
        text = self._phrases[other].text
        self._refuse(at, f"The note contradicts it with “{text}”; say only one of them.", self._field(at))

    def _refuse(self, at: int, reason: str, field: str = "") -> None:
        self._entries[at] = [Entry(self._phrases[at].text, reason, field)]


def _contradict(one: Change, other: Change) -> bool:
    for field in one.values.keys() & other.values.keys():
        mine, others = one.values[field], other.values[field]
        if one.leaves_out != other.leaves_out and isinstance(mine, tuple) and isinstance(others, tuple):
            return bool(set(mine) & set(others))
        if not one.leaves_out and not other.leaves_out and mine != others:
            return not (isinstance(mine, tuple) and isinstance(others, tuple) and set(mine) == set(others))
    return False


def with_change(question: Question, wanted: Change) -> Question:
    return replace(question, **{ATTRIBUTES[field]: value for field, value in wanted.values.items()})  # type: ignore[arg-type]


def value_of(question: Question, field: str) -> Value:
    value: str | date | tuple[str, ...] = getattr(question, ATTRIBUTES[field])
    return value
