"""The headline is short, whatever the KPIs, and it agrees with what follows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.profile import examples
from tests.unit.summarizer.kpi_data import Figure, monthly, question
from tests.unit.summarizer.parsed_page import headline, section, words
from tests.unit.summarizer.test_page_from_facts import check, written

NAMES = (
    "Revenue", "Net revenue of continuing operations", "Orders", "Costs", "Gross margin", "Churn",
    "Customer acquisition cost by channel", "Time to resolve", "Cash", "ARR", "Returns",
    "Average order value of new buyers",
)  # fmt: skip
SHAPES = (("USD", "sum"), ("EUR", "sum"), ("orders", "sum"), ("percent", "avg"), ("ratio", "avg"), ("USD", "last"))
SCOPES = ([], ["North"], ["Enterprise customers of the north", "Small businesses of the south", "Partners", "Public"])
VALUES = st.lists(st.decimals(min_value=-(10**6), max_value=10**10, places=2), min_size=1, max_size=26)
MOVED = re.compile(r"(\d+) (rose|fell|hardly moved|cannot be compared)")

Sheet = Mapping[str, Any]


@st.composite
def kpi_sets(draw: st.DrawFn) -> dict[str, Any]:
    """A question about up to twelve KPIs, some with a plan or a goal."""
    table: list[Figure] = []
    metrics: dict[str, dict[str, Any]] = {}
    goals = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)):
        unit, aggregation = draw(st.sampled_from(SHAPES))
        values = draw(VALUES)
        table += monthly(name, "2023-01", values, unit, aggregation)
        metrics[name] = {"direction": draw(st.sampled_from(["up", "down", None]))}
        if draw(st.booleans()):
            table += monthly(f"{name} plan", "2023-01", draw(VALUES), unit, aggregation)
            metrics[f"{name} plan"] = {"planOf": name}
        if draw(st.booleans()):
            goals.append({
                "kpi": name, "company": draw(st.sampled_from(["", "Acme"])), "from": "2024-01-01", "to": "2024-12-31",
                "direction": draw(st.sampled_from(["at_least", "at_most"])), "target": str(draw(VALUES)[0]),
                "value": str(values[0]), "days": 366, "daysWithData": 366, "complete": draw(st.booleans()),
            })  # fmt: skip
    last = max(one.day for one in table)
    start = draw(st.sampled_from(sorted({one.day for one in table})))
    scope = draw(st.sampled_from(SCOPES))
    return question(table, start.isoformat(), f"{last:%Y-%m}-28", metrics=metrics, goals=goals, departments=scope)


@settings(max_examples=examples(100), deadline=None)
@given(kpi_sets())
def test_a_headline_of_any_kpis_is_short_and_agrees_with_the_page(context: dict[str, Any]) -> None:
    sheet = check(context)  # each number and each direction is a fact
    content, _, _ = written(context)
    text = headline(content)
    assert len(text) <= 120, text
    assert len(text.split()) <= 20, text
    assert len(section(content, "Findings")) <= 5
    assert words(content) <= 200
    check_counts(text, sheet)


def check_counts(text: str, sheet: Sheet) -> None:
    """The numbers of KPIs that rose and fell are those of the main changes."""
    plans = {kpi["kpi"] for kpi in sheet["kpis"] if kpi["planOf"]}
    (counted,) = [fact for fact in sheet["facts"] if fact["code"].startswith("movement")]
    changes = [f for f in sheet["facts"] if f["kind"] == "change" and f["main"] and f["kpi"] not in plans]
    directions = Counter(fact["direction"] for fact in changes)
    for number, did in MOVED.findall(text):
        name = {"rose": "up", "fell": "down", "hardly moved": "same"}.get(did, "notCompared")
        assert int(number) == int(Decimal(counted["values"][name]["value"]))
        assert name not in directions or int(number) <= directions[name]


def kpis(names: Sequence[str], **more: Any) -> str:
    table = [one for name in names for one in monthly(name, "2025-01", [100, 120, 150], "count")]
    return headline(written(question(table, "2025-01-01", "2025-03-31", **more))[0])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Revenue"], "Revenue rose 50.0% (100 to 150) from Jan 2025 to Mar 2025."),
        (["Revenue", "Costs"], "Revenue rose 50.0% and Costs rose 50.0% from Jan 2025 to Mar 2025."),
        (NAMES[2:4], "Orders rose 50.0% and Costs rose 50.0% from Jan 2025 to Mar 2025."),
        (NAMES, "All 12 KPIs rose from first to last whole period; above all, Revenue rose 50.0%."),
        ([NAMES[1], NAMES[6], NAMES[11]], "All 3 KPIs rose from first to last whole period; above all, "
         "Net revenue of continuing operations rose 50.0%."),
    ],
)  # fmt: skip
def test_the_longest_form_that_is_short_enough_counts(names: Sequence[str], expected: str) -> None:
    assert kpis(names) == expected


def test_a_scope_with_many_names_is_counted() -> None:
    assert kpis(NAMES, departments=SCOPES[2]).startswith("4 departments only: all 12 KPIs rose")


def test_verdicts_have_room_before_what_is_compared() -> None:
    up, down = [1, 2, 3], [3, 2, 1]
    table = [
        one
        for name, values in (("A", up), ("B", up), ("C", down), ("D", down), ("E", up))
        for one in monthly(name, "2025-01", values, "points", "last")
    ]
    metrics = {name: {"direction": direction} for name, direction in zip("ABCD", ["up", "down"] * 2, strict=True)}
    text = headline(written(question(table, "2025-01-01", "2025-03-31", metrics=metrics))[0])
    assert text.startswith("Of 5 KPIs, 3 rose and 2 fell (2 better and 2 worse); above all, A rose 200.0%")


def test_kpis_that_did_the_same_without_a_figure_are_told_together() -> None:
    table = monthly("Margin", "2025-01", [5, 5], "percent", "avg") + monthly(
        "Staff", "2025-01", [7, 7], "people", "last"
    )
    text = headline(written(question(table, "2025-01-01", "2025-02-28"))[0])
    assert text == "Margin and Staff did not change from Jan 2025 to Feb 2025."


def test_plans_that_leave_no_room_for_changes_leave_them_to_the_findings() -> None:
    table = monthly("Revenue", "2025-01", range(100, 106)) + monthly("Budget revenue", "2025-01", range(110, 122, 2))
    table += monthly("Costs", "2025-01", range(70, 76)) + monthly("Budget costs", "2025-01", range(60, 72, 2))
    plans = {"Budget revenue": {"planOf": "Revenue"}, "Budget costs": {"planOf": "Costs"}}
    content, _, _ = written(question(table, "2025-01-01", "2025-06-30", metrics=plans))
    assert headline(content) == (
        "Revenue came in $75 (10.9%) under plan ($615 against $690); "
        "Costs came in $45 (11.5%) over plan ($435 against $390)."
    )
    assert section(content, "Findings") == [
        "**Revenue** rose 5.0% ($100 to $105) from Jan 2025 to Jun 2025.",
        "**Costs** rose 7.1% ($70 to $75) from Jan 2025 to Jun 2025.",
    ]


def test_the_figures_of_an_anomaly_in_the_headline_are_in_the_findings() -> None:
    table = [one for name in NAMES[:4] for one in monthly(name, "2025-01", [100] * 8, "count")]
    table += monthly("Outages", "2025-01", [1] * 7 + [100], "count")
    content, _, _ = written(question(table, "2025-01-01", "2025-08-31"))
    assert headline(content).endswith("; above all, Outages stood out in Aug 2025.")
    assert "**Outages** stood out in Aug 2025: 100, 100 times 1, the median of the others." in section(
        content, "Findings"
    )
