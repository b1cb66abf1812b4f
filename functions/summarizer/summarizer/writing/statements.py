"""Statements: sentences of Markdown, each with the facts that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from summarizer.facts import Fact, Kind, Kpi, Sheet
from summarizer.markup import plain
from summarizer.periods import Grouping, between, days
from summarizer.predicates import change_cell, names_figures, predicate, signed_percentage
from summarizer.prose import listed, sentence
from summarizer.units import TIMES_FROM, multiple, percentage

MAX_NAMED = 2
NOT_COUNTED = ("joined", "left", "late")  # departments that a comparison leaves out


@dataclass(frozen=True)
class Statement:
    text: str
    facts: tuple[Fact, ...]

    @property
    def words(self) -> int:
        return len(self.text.split())


def said(fact: Fact, sheet: Sheet) -> Statement:
    """One fact as a sentence, with the KPI's name in bold."""
    return Statement(sentence(clause(fact, sheet, bold=True, ends=True)), (fact,))


def clause(fact: Fact, sheet: Sheet, *, bold: bool = False, ends: bool = False, brief: bool = False) -> str:
    """One fact without a full stop. With ``ends`` a change names both figures; ``brief`` leaves figures out."""
    kpi = sheet.kpis[fact.kpi]
    name = plain(kpi.spoken)
    if bold:
        name = f"**{sentence(name)[:-1]}**"
    match fact.kind:
        case Kind.CHANGE:
            return f"{name} {_change(fact, kpi, sheet, ends=ends, brief=brief)}"
        case Kind.GOAL:
            return f"{name} {_goal(fact, kpi, sheet, brief=brief)}"
        case Kind.PLAN:
            return f"{name} {_plan(fact, kpi, sheet, brief=brief)}"
        case Kind.ANOMALY:
            return f"{name} {_anomaly(fact, kpi, brief=brief)}"
        case Kind.TO_DATE:
            return f"{name} {_to_date(fact, kpi)}"
        case Kind.FIGURE:
            return f"{name} {_figure(fact, kpi)}"
        case Kind.DRIVER | Kind.COUNT | Kind.QUALITY:
            raise ValueError(f"a fact of kind {fact.kind} has a statement together with others of its kind")
        case _:
            assert_never(fact.kind)


def _change(fact: Fact, kpi: Kpi, sheet: Sheet, *, ends: bool, brief: bool) -> str:
    per = " per day" if fact.per_day else ""
    text = f"{per} {predicate(fact, kpi.style)}".strip()
    if brief:
        return f"{text} {basis_of(fact, kpi)}"
    if ends and fact["difference"] and not names_figures(fact, kpi.style):
        before, after = (kpi.style.brief(fact[name], derived=fact.per_day) for name in ("before", "after"))
        text += f" ({before} to {after})"
    return f"{text} {basis_of(fact, kpi)}{_beside(fact, sheet)}"


def subject(fact: Fact, sheet: Sheet) -> str:
    """The KPI of a change: ``revenue per day``."""
    return f"{plain(sheet.kpis[fact.kpi].spoken)}{' per day' if fact.per_day else ''}"


def did(fact: Fact, sheet: Sheet) -> str:
    """What a KPI did, without what that is compared with: ``rose 14.1%``."""
    return predicate(fact, sheet.kpis[fact.kpi].style)


def bare(fact: Fact, sheet: Sheet) -> str:
    """A change without the periods that it compares: ``revenue per day rose 14.1%, without North``."""
    return f"{subject(fact, sheet)} {did(fact, sheet)}{departments(fact)}"


def basis_of(fact: Fact, kpi: Kpi) -> str:
    """What a change compares: its window, and the departments if others joined or left."""
    return f"{window(fact, kpi)}{departments(fact)}"


def window(fact: Fact, kpi: Kpi) -> str:
    """What is compared: ``from Jan 2025 to Feb 2025``, ``in 1–10 Mar 2025 against 1–10 Feb 2025``."""
    dates, step = fact.dates, kpi.step
    if fact.code == "weekBefore":
        if "firstDay" in dates:
            return f"in the 7 days to {dates['lastDay']}, against the 7 days before"
        return f"on {dates['period']}, against the same weekday a week before"
    if parts := _parts(fact):
        return f"{'on' if dates['firstDay'] == dates['lastDay'] else 'in'} {parts}"
    if fact.code == "yearBefore":
        return f"on the year ({step.label(dates['period'])} against {step.label(dates['toPeriod'])})"
    return f"from {between(dates['toPeriod'], dates['period'], step)}"


def _parts(fact: Fact) -> str:
    """The compared parts of periods: ``1–10 Mar 2025 against 1–10 Feb 2025``."""
    dates = fact.dates
    if "firstDay" not in dates:
        return ""
    return (
        f"{days(dates['firstDay'], dates['lastDay'])} against {days(dates['firstDayBefore'], dates['lastDayBefore'])}"
    )


def departments(fact: Fact) -> str:
    """The departments of a comparison, if it leaves others out."""
    others = [name for reason in NOT_COUNTED for name in fact.names.get(reason, ())]
    if not others:
        return ""
    if len(others) <= MAX_NAMED:
        return f", without {listed([plain(one) for one in others])}"
    same = fact.names.get("departments", ())
    if 0 < len(same) <= MAX_NAMED:
        return f", in {listed([plain(one) for one in same])}"
    return f", in the {fact.number('departments') or 0:,} departments of both"


def _beside(fact: Fact, sheet: Sheet) -> str:
    """The KPI that moved at least as fast: a rise that is slower is no bad news."""
    if "beside" not in fact.values:
        return ""
    (name,) = fact.names["beside"]
    return f" ({plain(sheet.kpis[name].spoken)}: {signed_percentage(fact['beside'])})"


def _goal(fact: Fact, kpi: Kpi, sheet: Sheet, *, brief: bool) -> str:
    style = kpi.style
    value, target = style.brief(fact["value"], derived=True), style.brief(fact["target"], derived=True)
    at_least = fact.code.startswith("atLeast")
    share = percentage(fact["percent"]) if at_least and "percent" in fact.values else ""
    company = fact.names.get("company", ())
    whose = _possessive(plain(company[0])) if company and company != sheet.scope.companies else "the"
    when = ""
    if (fact.dates["from"], fact.dates["to"]) != (sheet.start, sheet.end):
        when = f" for {days(fact.dates['from'], fact.dates['to'])}"
    goal = f"{whose} goal of {'at least' if at_least else 'at most'} {target}{when}"
    if brief and fact.verdict is not None:
        return f"{'met' if fact.verdict > 0 else 'missed'} {goal} with {value}"
    by = f" by {days(fact.dates['valueTo'], fact.dates['valueTo'])}" if "valueTo" in fact.dates else ""
    if fact.verdict is None:
        return f"came to {value}{by or ' so far'}, {share + ' of' if share else 'with'} {goal}"
    return f"{'met' if fact.verdict > 0 else 'missed'} {goal} with {value}{f' ({share})' if share else ''}{by}"


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _plan(fact: Fact, kpi: Kpi, sheet: Sheet, *, brief: bool) -> str:
    style, difference = kpi.style, fact["difference"]
    value, plan = (style.brief(fact[name], derived=True) for name in ("value", "plan"))
    when = ", " + between(fact.dates["from"], kpi.step.start_of(fact.dates["lastDay"]), kpi.step)
    covered = (fact.dates["from"], fact.dates["lastDay"])
    if kpi.step is Grouping.TOTAL or covered == (sheet.start, sheet.end):
        when = ""  # the title says it
    if not difference:
        return f"came in on plan ({plan}){when}"
    size = style.difference(difference)
    if fact["plan"] < 0:  # of a cost that is booked with a minus, less is more
        return f"came in at {value} against a plan of {plan} ({style.signed(difference)}){when}"
    both = "" if brief else f" ({value} against {plan})"
    if "percent" not in fact.values:
        return f"came in {size} {'higher' if difference > 0 else 'lower'} than plan{both}{when}"
    share = f" ({percentage(fact['percent'])})" if not style.unit.in_points else ""
    return f"came in {size}{share} {'over' if difference > 0 else 'under'} plan{both}{when}"


def _anomaly(fact: Fact, kpi: Kpi, *, brief: bool) -> str:
    when = kpi.step.when(fact.dates["period"])
    if brief:
        return f"stood out {when}"
    if fact.code == "onYear":
        shares = [signed_percentage(fact[name]) for name in ("percent", "typicalPercent")]
        return f"stood out {when}: {shares[0]} on the year, where the median is {shares[1]}"
    per = " a day" if fact.code == "perDay" else ""
    value, typical = (kpi.style.brief(fact[name], derived=True) for name in ("value", "typical"))
    if (factor := fact.get("factor")) is not None and factor >= TIMES_FROM:
        return f"stood out {when}: {value}{per}, {multiple(factor)} times {typical}, the median of the others"
    return f"stood out {when}: {value}{per}, where the median of the others is {typical}"


def _to_date(fact: Fact, kpi: Kpi) -> str:
    style = kpi.style
    text = f"came to {style.brief(fact['value'])} in {days(fact.dates['from'], fact.dates['to'])}"
    if "before" not in fact.values:
        return f"{text}; the year before has no such part"
    before = style.brief(fact["before"])
    if not fact["difference"]:
        return f"{text}, as in the same part of the year before"
    word = "up" if fact.direction == 1 else "down"
    size = percentage(fact["percent"]) if "percent" in fact.values and not style.unit.in_points else ""
    return (
        f"{text}, {word} {size or style.difference(fact['difference'])} on the same part of the year before ({before})"
    )


def _figure(fact: Fact, kpi: Kpi) -> str:
    if fact.code == "total":
        when = between(fact.dates["from"], fact.dates["period"], kpi.step)
        return f"totalled {kpi.style.brief(fact['value'])} from {when}"
    as_of = f" (as of {days(fact.dates['asOf'], fact.dates['asOf'])})" if "asOf" in fact.dates else ""
    return f"came to {kpi.style.brief(fact['value'], derived=True)} {kpi.step.when(fact.dates['period'])}{as_of}"


def drivers(facts: Sequence[Fact], sheet: Sheet) -> Statement:
    """The parts of one change: ``Revenue from Jan 2025 to Feb 2025, by department: North +$900 and South -$300.``"""
    first = facts[0]
    kpi = sheet.kpis[first.kpi]
    parts = [_driver(fact, kpi) for fact in facts]
    name = f"**{sentence(plain(kpi.spoken))[:-1]}**"
    per = " per day" if first.per_day else ""
    when = _parts(first) or between(first.dates["toPeriod"], first.dates["period"], kpi.step)
    return Statement(f"{name}{per}, {when}, by {first.code}: {listed(parts)}.", tuple(facts))


def _driver(fact: Fact, kpi: Kpi) -> str:
    others = fact.number("others")
    name = plain(fact.names["name"][0]) if "name" in fact.names else f"{others:,} others"
    return f"{name} {kpi.style.signed(fact['difference'], derived=fact.per_day)}"


def cell(fact: Fact, kpi: Kpi) -> str:
    """A change in a table cell, with its basis if that is a day."""
    per = ["daily average"] if fact.per_day else []
    alike = ["same departments"] if any(reason in fact.names for reason in NOT_COUNTED) else []
    basis = ", ".join([*per, *alike])
    return change_cell(fact, kpi.style) + (f" ({basis})" if basis else "")


def shown(value: Decimal, kpi: Kpi) -> str:
    return kpi.style.tabled(value, derived=True)
