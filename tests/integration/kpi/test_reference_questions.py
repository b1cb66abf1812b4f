"""Every kind of question, through the agent on real data. Each answer is computed again from the CSV alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.kpi import import_csv
from cli.kpi_goals import import_goals
from local.database import Database
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.kpi import ledger
from tests.integration.kpi.ledger import Ledger, day, month, quarter, week, year

Answer = dict[str, Any]
Figures = Mapping[Any, Decimal]

SPRING = {"startDate": "2025-03-03", "endDate": "2025-05-18"}
FIRST, LAST = date(2025, 3, 3), date(2025, 5, 18)
HALF_YEAR = {"startDate": "2025-01-01", "endDate": "2025-06-30"}
JANUARY, JUNE = date(2025, 1, 1), date(2025, 6, 30)


def rows(answer: Answer, *by: str) -> Figures:
    """The figures of the deliverable, by their period or by other fields of their rows."""
    found = json.loads(answer["content"], parse_float=Decimal, parse_int=Decimal)
    fields = by or ("period",)
    figures = {tuple(row[name] for name in fields) if by else date.fromisoformat(row["period"]): row for row in found}
    assert len(figures) == len(found)
    return {key: row["value"] for key, row in figures.items()}


def compared(answer: Answer, to: str) -> Figures:
    """Both sides of each comparison, by the period and by the side."""
    found = [one for one in answer["metadata"]["comparisons"] if one["to"] == to]
    return {
        (date.fromisoformat(one["period"]), side): Decimal(one[side])
        for one in found
        for side in ("value", "valueBefore")
    }


def goals(answer: Answer) -> Figures:
    return {
        (one["company"], name): Decimal(one[name])
        for one in answer["metadata"]["goals"]
        for name in ("value", "target")
    }


def against_plan(answer: Answer) -> Figures:
    metrics = answer["metadata"]["metrics"]
    assert metrics["Revenue budget"]["planOf"] == "Revenue"
    return rows(answer, "kpi", "period")


def by_owner(numbers: Ledger, *by: str) -> Figures:
    """The revenue of the half-year of each company, or of each department of each company."""
    owners = {(company, department)[: len(by)]: department for department, company in ledger.DEPARTMENTS.items()}
    return {owner: numbers.of("Revenue", JANUARY, JUNE, **dict(zip(by, owner, strict=True))).sum() for owner in owners}


def year_on_year(numbers: Ledger) -> Figures:
    months = numbers.of("Revenue").sums(month)
    return {
        (date(2025, at, 1), side): months[date(which, at, 1)]
        for at in range(1, 7)
        for side, which in (("value", 2025), ("valueBefore", 2024))
    }


def previous(numbers: Ledger) -> Figures:
    months = numbers.of("Revenue").sums(month)
    return {
        (date(2025, at, 1), side): months[date(2025, at - back, 1) if at > back else date(2024, 12, 1)]
        for at in range(1, 7)
        for side, back in (("value", 0), ("valueBefore", 1))
    }


def plan_and_actual(numbers: Ledger) -> Figures:
    return {
        (metric, start.isoformat()): value
        for metric in ("Revenue", "Revenue budget")
        for start, value in numbers.of(metric, JANUARY, JUNE).sums(month).items()
    }


def margin(numbers: Ledger) -> Figures:
    profit, revenue = (numbers.of(metric, JANUARY, JUNE).sums(month) for metric in ("Profit", "Revenue"))
    return {start: profit[start] / revenue[start] for start in revenue}


def satisfaction(numbers: Ledger) -> Figures:
    return numbers.of("Satisfaction", JANUARY, JUNE).weighted(numbers.of("Answers", JANUARY, JUNE), month)


def incidents(numbers: Ledger) -> Figures:
    """A month without an event is zero, from the first event on."""
    counted = numbers.of("Incidents").sums(month)
    return {start: counted.get(start, Decimal(0)) for start in (date(2025, at, 1) for at in range(1, 7))}


@dataclass(frozen=True)
class Reference:
    """A question, the figures of its answer, and the same figures from the CSV."""

    kind: str
    question: Mapping[str, Any]
    expected: Callable[[Ledger], Figures]
    answered: Callable[[Answer], Figures] = rows
    notes: str = ""
    kpis: tuple[str, ...] = field(default=("Revenue",))


def revenue(
    period: ledger.Period, first: date = JANUARY, last: date = JUNE, **owner: str
) -> Callable[[Ledger], Figures]:
    return lambda numbers: numbers.of("Revenue", first, last, **owner).sums(period)


REFERENCES = (
    Reference("by day", {**SPRING, "grouping": "day"}, revenue(day, FIRST, LAST)),
    Reference("by week", {**SPRING, "grouping": "week"}, revenue(week, FIRST, LAST)),
    Reference("by month", {**SPRING, "grouping": "month"}, revenue(month, FIRST, LAST)),
    Reference("by quarter", {**HALF_YEAR, "grouping": "quarter"}, revenue(quarter)),
    Reference(
        "by year", {"startDate": "2024-01-01", "endDate": "2025-06-30", "grouping": "year"}, revenue(year, ledger.FIRST)
    ),
    Reference("in total", {**SPRING, "grouping": "total"}, revenue(lambda _: FIRST, FIRST, LAST)),
    Reference("one company", {**HALF_YEAR, "companies": ["Borealis"]}, revenue(month, company="Borealis")),
    Reference("one department at launch", {**HALF_YEAR, "departments": ["South"]}, revenue(month, department="South")),
    Reference("one department in a retry", HALF_YEAR, revenue(month, department="South"), notes="only South"),
    Reference(
        "broken down by company", {**HALF_YEAR, "grouping": "total", "breakdown": "company"},
        lambda numbers: by_owner(numbers, "company"), lambda answer: rows(answer, "company"),
    ),
    Reference(
        "broken down by department", {**HALF_YEAR, "grouping": "total", "breakdown": "department"},
        lambda numbers: by_owner(numbers, "company", "department"),
        lambda answer: rows(answer, "company", "department"),
    ),
    Reference("the period before", HALF_YEAR, previous, lambda answer: compared(answer, "previous")),
    Reference("year on year", HALF_YEAR, year_on_year, lambda answer: compared(answer, "yearBefore")),
    Reference(
        "a goal", HALF_YEAR,
        lambda numbers: {
            ("Acme", "value"): numbers.of("Revenue", JANUARY, JUNE, company="Acme").sum(),
            ("Acme", "target"): Decimal(350_000),
        },
        goals,
    ),
    Reference("a plan", HALF_YEAR, plan_and_actual, against_plan, kpis=("Revenue", "Revenue budget")),
    Reference("a ratio", HALF_YEAR, margin, kpis=("Margin",)),
    Reference("a weighted mean", HALF_YEAR, satisfaction, kpis=("Satisfaction",)),
    Reference(
        "a distinct count", {**SPRING, "grouping": "day"}, lambda numbers: numbers.of("Users", FIRST, LAST).newest(day),
        kpis=("Users",),
    ),
    Reference("a count of single events", HALF_YEAR, incidents, kpis=("Incidents",)),
    Reference(
        "a level that is seldom recorded", HALF_YEAR, lambda numbers: numbers.of("Stock", JANUARY, JUNE).newest(month),
        kpis=("Stock",),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def database(
    database_server: Server, template_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One database for all questions of this file, which only read."""
    with new_database(database_server, name_of(template_database.owner_url)) as url:
        with psycopg.connect(url) as connection:
            connection.execute("insert into public.organizations (slug, name) values ('ledger', 'Ledger')")
        folder = tmp_path_factory.mktemp("ledger")
        write(folder / "numbers.csv", ledger.text())
        write(folder / "goals.csv", ledger.GOALS)
        import_csv(url, folder / "numbers.csv", "ledger")
        import_goals(url, folder / "goals.csv", "ledger")
        yield Database(url, database_server.logins(url))


def write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")


@pytest.fixture(scope="module")
def numbers() -> Ledger:
    return Ledger.read(ledger.text())


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda one: one.kind)
def test_a_reference_question_has_the_answer_of_the_csv(ask: Any, numbers: Ledger, reference: Reference) -> None:
    question = {"kpiNames": list(reference.kpis), "grouping": "month", **reference.question}
    answer = ask("ledger", review={"notes": reference.notes} if reference.notes else None, **question)
    assert answer["success"], answer
    answered = reference.answered(answer["payload"]["content"]["deliverable"])
    expected = reference.expected(numbers)
    assert expected
    assert answered.keys() == expected.keys()
    for key, value in expected.items():
        assert is_same(answered[key], value), (key, answered[key], value)


def is_same(answered: Decimal, value: Decimal) -> bool:
    """Sums are exact. A quotient of Postgres has 16 significant digits at least."""
    return abs(answered - value) <= abs(value) / 10**15
