"""Turns an instruction into a change of the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supabase_agent.notes.instructions import Dates, GroupBy, Name, Names, Negated, Only, Without
from supabase_agent.notes.spans import MONTHS, PARTS_OF_YEAR, NoSuchDate, Span
from supabase_agent.notes.vocabulary import COMPANY, DEPARTMENT, KPI, Vocabulary
from supabase_agent.question import EARLIEST, GROUPINGS, LATEST, Question

FIELD_OF_KIND = {KPI: "kpiNames", DEPARTMENT: "departments", COMPANY: "companies"}

Value = str | date | tuple[str, ...]


class CannotApply(Exception):
    """``str(error)`` is a sentence for people. ``field`` is the question's field, or empty if there is none."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True)
class Change:
    """New values by field. If ``leaves_out``, the values are names to remove from the field."""

    values: Mapping[str, Value]
    leaves_out: bool = False


def change(instruction: Only | Without | GroupBy | Dates, question: Question, vocabulary: Vocabulary) -> Change:
    """The change that the instruction asks for. A date without a year gets the year of ``question``.

    Raises ``CannotApply``.
    """
    match instruction:
        case Only(names, is_implied):
            field, wanted = _named(names, vocabulary)
            if is_implied and field == "kpiNames":
                _check_asked(wanted, question, vocabulary)
            return Change({field: wanted})
        case Without(names):
            return Change(dict([_named(names, vocabulary)]), leaves_out=True)
        case GroupBy(unit):
            if unit not in GROUPINGS:
                raise CannotApply(f"The grouping can be {', '.join(GROUPINGS)}, but not {unit}.", "grouping")
            return Change({"grouping": unit})
        case Dates(start, end):
            return Change(_dates(start, end, question))


def positive(instruction: Only | Without | GroupBy | Dates | Negated) -> Only | Without | GroupBy | Dates:
    return instruction.instruction if isinstance(instruction, Negated) else instruction


def _named(names: Names, vocabulary: Vocabulary) -> tuple[str, tuple[str, ...]]:
    """The field of the names, and the names in the form of a question."""
    meanings = [_meaning(name, names.kind, vocabulary) for name in names.names]
    kinds = list(dict.fromkeys(kind for kind, _ in meanings))
    if len(kinds) > 1:
        raise CannotApply(
            f"It names {' and '.join(f'a {kind}' for kind in kinds)} in one list; say one sentence for each kind."
        )
    return FIELD_OF_KIND[kinds[0]], tuple(dict.fromkeys(name for _, name in meanings))


def _check_asked(names: Sequence[str], question: Question, vocabulary: Vocabulary) -> None:
    """Raise ``CannotApply`` if the question lacks one of these KPIs: the note may ask for it in addition."""
    asked = frozenset[str]().union(*map(vocabulary.metric_ids, question.kpi_names))
    if new := [name for name in names if not vocabulary.metric_ids(name) <= asked]:
        raise CannotApply(
            f"It does not say whether {' and '.join(new)} is wanted alone or as well; say “only {new[0]}”, or send a "
            "modification.",
            "kpiNames",
        )


def _meaning(name: Name, kind: str, vocabulary: Vocabulary) -> tuple[str, str]:
    fitting = [one for one in name.meanings if kind in ("", one.kind)]
    if not fitting:
        hint = vocabulary.hint(name.text, kind)
        raise CannotApply(f"There is no {kind or 'KPI, department or company'} “{name.text}”. {hint}")
    readings = [f"the {one.kind} {one.name}" for one in fitting]
    if not kind and name.text.casefold() in MONTHS.keys() | PARTS_OF_YEAR.keys():
        readings.append("a time of the year")
    if len(readings) > 1:
        clear = f"say which, such as “the {name.text} {fitting[0].kind}”, or send a modification"
        raise CannotApply(f"“{name.text}” can mean {' or '.join(readings)}; {clear}.")
    return fitting[0].kind, fitting[0].name


def _dates(start: Span | None, end: Span | None, question: Question) -> dict[str, Value]:
    if start and end and (start.year is None) != (end.year is None):
        year = start.year or end.year
        start, end = start.in_year(year), end.in_year(year)
    values: dict[str, Value] = {}
    try:
        if start:
            values["startDate"] = start.in_year_of(question.start, question.end).first()
        if end:
            values["endDate"] = end.in_year_of(question.start, question.end).last()
    except NoSuchDate as error:
        raise CannotApply(str(error), "startDate" if start else "endDate") from None
    for field, day in values.items():
        if not (isinstance(day, date) and EARLIEST <= day <= LATEST):
            raise CannotApply(f"Dates must lie between {EARLIEST} and {LATEST}, but this asks for {day}.", field)
    if len(values) == 2 and values["startDate"] > values["endDate"]:  # type: ignore[operator]
        raise CannotApply(
            f"It asks for {values['startDate']} to {values['endDate']}, which ends before it starts; give both years.",
            "startDate",
        )
    return values
