"""The page has no number and no direction that is not a fact of its sheet, and every fact can be computed again."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.brief import write_brief
from tests.profile import examples
from tests.unit.summarizer.kpi_data import daily, lines, monthly, question
from tests.unit.summarizer.parsed_page import check_against_facts, words

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "facts.schema.json").read_text(encoding="utf-8"))


def written(context: dict[str, Any]) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    """The page, the sheet and the statements."""
    brief = write_brief(context)
    sheet = json.loads(brief.attachments[0].content)
    return brief.page.content, sheet, brief.page.metadata["statements"]


def check(context: dict[str, Any]) -> dict[str, Any]:
    content, sheet, statements = written(context)
    jsonschema.validate(sheet, SCHEMA)
    check_against_facts(content, sheet, statements)
    for fact in sheet["facts"]:
        check_derivation(fact)
    return sheet


def check_derivation(fact: dict[str, Any]) -> None:
    """Computes a change, a variance and a total again, from the inputs of the derivation alone."""
    inputs = {one["name"]: Fraction(one["value"]) for one in fact["derivation"]["inputs"]}
    values = {name: Fraction(one["value"]) for name, one in fact["values"].items()}
    match fact["kind"]:
        case "change" | "toDate" | "driver" if {"after", "before"} <= inputs.keys():
            after, before = inputs["after"], inputs["before"]
            if "days" in inputs:
                after, before = after / inputs["days"], before / inputs["daysBefore"]
            assert_close(values["difference"], after - before)
            assert fact["direction"] == ("up" if after > before else "down" if after < before else "none")
            if "percent" in values:
                assert before > 0
                assert_close(values["percent"], (after - before) / before * 100)
            else:
                assert fact["kind"] == "driver" or before <= 0 or after < 0
        case "figure" if fact["code"] == "total" and inputs:
            assert values["value"] == sum(inputs.values())
        case "plan" | "goal":
            target = values.get("plan", values.get("target", Fraction(0)))
            assert values["difference"] == values["value"] - target
            assert ("percent" in values) == (target > 0)


def assert_close(value: Fraction, exact: Fraction) -> None:
    """A quotient is cut after 40 digits."""
    assert abs(value - exact) <= abs(exact) / 10**37


def plan_and_goal() -> dict[str, Any]:
    table = monthly("Revenue", "2024-01", range(100, 118)) + monthly("Budget", "2024-01", range(110, 128))
    table += monthly("Churn", "2024-01", ["0.02", "0.031", "0.0279"] * 6, unit="ratio", aggregation="avg")
    goals = [
        {"kpi": "Revenue", "company": "Acme", "from": "2025-01-01", "to": "2025-06-30", "direction": "at_least",
         "target": "800.5", "value": "687", "days": 181, "daysWithData": 6},
        {"kpi": "Churn", "company": "", "from": "2025-01-01", "to": "2025-06-30", "direction": "at_most",
         "target": "0.025", "value": "0.02633", "days": 181, "daysWithData": 181},
    ]  # fmt: skip
    return question(table, "2025-01-01", "2025-06-30", metrics={"Budget": {"planOf": "Revenue"}}, goals=goals)


def several_departments() -> dict[str, Any]:
    table = daily("Sales", "2024-11-03", "2025-03-10", 400, "North") + daily(
        "Sales", "2025-01-15", "2025-03-10", 17, "East"
    )
    table += daily("Sales", "2024-11-03", "2025-02-20", 31, "South") + daily(
        "Orders", "2024-11-03", "2025-03-10", 3, unit="orders"
    )
    return question(
        table, "2025-01-01", "2025-03-31", metrics={"Sales": {"direction": "up"}, "Orders": {"direction": "down"}}
    )


def losses() -> dict[str, Any]:
    table = monthly("Profit", "2025-01", ["-12000.5", "-8000", "2000.25", "-15000.125", "0", "7"])
    return question(
        table + monthly("Staff", "2025-01", [7, 7, 8, 900, 8, 8], "people", "last"), "2025-01-01", "2025-06-30"
    )


def eight() -> dict[str, Any]:
    table = []
    for number in range(8):
        own = [10**9 + 10**7 * number * month + 12345 * month**2 for month in range(27)]
        table += monthly(f"Income {number}", "2023-01", own, unit="USD" if number % 2 else "EUR")
    return question(table, "2024-04-01", "2025-03-31")


CONTEXTS = (plan_and_goal, several_departments, losses, eight)


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_number_and_every_direction_is_a_fact(context: Any) -> None:
    check(context())


@pytest.mark.parametrize("context", CONTEXTS)
def test_the_same_context_gives_the_same_deliverables(context: Any) -> None:
    assert write_brief(context()) == write_brief(json.loads(json.dumps(context())))


@pytest.mark.parametrize("context", CONTEXTS)
def test_the_ranks_are_money_first_and_then_surprise(context: Any) -> None:
    sheet = check(context())
    told = [fact for fact in sheet["facts"] if fact["kind"] in ("anomaly", "goal", "plan", "change", "toDate")]
    units = {kpi["kpi"]: kpi["unit"] for kpi in sheet["kpis"]}
    with_money = [fact for fact in told if Decimal(fact["rank"]["money"] or 0)]
    assert told[: len(with_money)] == with_money
    for unit in set(units.values()):
        amounts = [abs(Decimal(fact["rank"]["money"])) for fact in with_money if units[fact["kpi"]] == unit]
        assert amounts == sorted(amounts, reverse=True)


def test_eight_kpis_have_at_most_two_hundred_words_and_billions_no_cents() -> None:
    content, _, _ = written(eight())
    assert words(content) <= 200
    assert "€2.57B" in content
    assert not re.search(r"\d{1,3}(,\d{3}){3}", content)
    assert len([line for line in content.splitlines() if line.startswith("- **")]) <= 7


@pytest.mark.parametrize(
    "change", [("14.3%", "14.4%"), ("Staff rose", "Staff fell"), ("12,001", "12,002"), ("swung", "fell")]
)
def test_a_wrong_number_or_direction_is_noticed(change: tuple[str, str]) -> None:
    content, sheet, statements = written(losses())
    right = statements[0]["text"]
    wrong = right.replace(*change)
    assert wrong != right
    with pytest.raises(AssertionError):
        check_against_facts(content.replace(right, wrong), sheet, [{**statements[0], "text": wrong}, *statements[1:]])


VALUES = st.decimals(min_value=-(10**7), max_value=10**10, places=2)


@settings(max_examples=examples(60), deadline=None)
@given(
    figures=st.lists(VALUES, min_size=1, max_size=30),
    others=st.lists(st.decimals(min_value=0, max_value=1, places=4), min_size=1, max_size=30),
    aggregation=st.sampled_from(["sum", "avg", "last"]),
    asked=st.integers(1, 30),
    direction=st.sampled_from(["up", "down", None]),
)
def test_of_any_months(
    figures: list[Decimal], others: list[Decimal], aggregation: str, asked: int, direction: str | None
) -> None:
    table = monthly("Balance", "2023-01", figures, aggregation=aggregation)
    table += monthly("Margin", "2023-01", others, unit="ratio", aggregation="avg")
    last = max(one.day for one in table)
    start = min(last, date(2023 + (asked - 1) // 12, (asked - 1) % 12 + 1, 1))
    end = date(last.year + last.month // 12, last.month % 12 + 1, 1) - timedelta(days=1)
    metrics = {"Balance": {"direction": direction}}
    check(question(table, start.isoformat(), end.isoformat(), metrics=metrics))


@settings(max_examples=examples(40), deadline=None)
@given(
    figures=st.lists(st.decimals(min_value=0, max_value=10**6, places=2), min_size=3, max_size=120),
    silent=st.sets(st.integers(0, 119)),
    grouping=st.sampled_from(["day", "week", "month", "quarter"]),
    cut=st.integers(0, 60),
)
def test_of_any_days_with_departments_that_come_and_go(
    figures: list[Decimal], silent: set[int], grouping: str, cut: int
) -> None:
    first = date(2025, 1, 1)
    days = {(first + timedelta(days=at)).isoformat(): value for at, value in enumerate(figures)}
    some = {day: value for at, (day, value) in enumerate(days.items()) if at not in silent}
    table = lines("Sales", "USD", "sum", days, "North") + lines("Sales", "USD", "sum", some, "South")
    end = first + timedelta(days=len(figures) - 1)
    start = min(first + timedelta(days=cut), end)
    check(question(table, start.isoformat(), end.isoformat(), grouping))
