"""Notes that are applied, and their changes of the question."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kpi.notes import changes, decision_on, report_of

ARR = {"kpi_names": ("arr",)}
WEEK = {"grouping": "week"}
EMEA = {"departments": ("EMEA",)}
AUGUST = {"start": "2024-08-01", "end": "2024-08-31"}


@pytest.mark.parametrize(
    ("note", "changed"),
    [
        # KPIs
        ("Filter to ARR only", ARR),
        ("Filter to ARR", ARR),
        ("filter it down to arr, please", ARR),
        ("Only ARR please", ARR),
        ("ARR only", ARR),
        ("just Annual-Recurring_Revenue", ARR),
        ("I only need ARR. Thanks a lot! 🙏", ARR),
        ("Could you please show me only ARR?", ARR),
        ('only the "ARR" KPI', ARR),
        ("nothing but arr", ARR),
        ("just revenue and expenses", {"kpi_names": ("revenue", "expenses")}),
        ("Only profit margin, ARR and churn rate", {"kpi_names": ("profit_margin", "arr", "churn")}),
        ("only the sales KPI", {"kpi_names": ("revenue",)}),
        ("without churn", {"kpi_names": ("revenue", "arr")}),
        ("exclude churn and arr", {"kpi_names": ("revenue",)}),
        ("leave out churn", {"kpi_names": ("revenue", "arr")}),
        ("Please leave churn out.", {"kpi_names": ("revenue", "arr")}),
        ("everything except churn", {"kpi_names": ("revenue", "arr")}),
        ("I don't need churn", {"kpi_names": ("revenue", "arr")}),
        ("do not include churn", {"kpi_names": ("revenue", "arr")}),
        ("I need to see only ARR", ARR),
        ("Can we have ARR only?", ARR),
        ("drop churn and expenses", {"kpi_names": ("revenue", "arr")}),
        ("KPI: ARR", ARR),
        ("KPIs: ARR, churn", {"kpi_names": ("arr", "churn")}),
        ("Filter: ARR only", ARR),
        ("leave only ARR", ARR),
        ("please leave just ARR", ARR),
        ("ignore churn", {"kpi_names": ("revenue", "arr")}),
        ("hide churn", {"kpi_names": ("revenue", "arr")}),
        ("w/o churn", {"kpi_names": ("revenue", "arr")}),
        ("W/o churn, weekly", {"kpi_names": ("revenue", "arr")} | WEEK),
        # groupings
        ("by week", WEEK),
        ("by week please", WEEK),
        ("by quarter", {"grouping": "quarter"}),
        ("yearly please", {"grouping": "year"}),
        ("in total", {"grouping": "total"}),
        ("only ARR, in total", ARR | {"grouping": "total"}),
        ("weekly", WEEK),
        ("Group by week", WEEK),
        ("group it by weeks", WEEK),
        ("make it weekly instead", WEEK),
        ("by week instead of by month", WEEK),
        ("show me weekly numbers", WEEK),
        ("on a weekly basis", WEEK),
        ("week by week", WEEK),
        ("every week", WEEK),
        ("change the grouping to week", WEEK),
        ("grouping: week", WEEK),
        ("per day", {"grouping": "day"}),
        ("back to weekly", WEEK),
        ("but weekly", WEEK),
        ("But please by week", WEEK),
        ("but only ARR", ARR),
        ("Only ARR. But weekly.", ARR | WEEK),
        ("go back to weeks please", WEEK),
        ("weekly again", WEEK),
        # departments and companies
        ("only EMEA", EMEA),
        ("EMEA only", EMEA),
        ("for EMEA", EMEA),
        ("EMEA", EMEA),
        ("EMEA, please!", EMEA),
        ("EMEA and APAC", {"departments": ("EMEA", "APAC")}),
        ("the Marketing department", {"departments": ("Marketing",)}),
        ("show me Acme Ltd", {"companies": ("Acme Ltd",)}),
        ("only in EMEA", EMEA),
        ("the EMEA department only", EMEA),
        ("only it", {"departments": ("IT",)}),
        ("only the Sales and Marketing departments", {"departments": ("Sales", "Marketing")}),
        ("without the Marketing department", {"departments": ("Sales", "EMEA", "IT", "APAC")}),
        ("exclude the Sales department", {"departments": ("Marketing", "EMEA", "IT", "APAC")}),
        ("only Acme Ltd", {"companies": ("Acme Ltd",)}),
        ("for company acme-ltd", {"companies": ("Acme Ltd",)}),
        ("without Borealis", {"companies": ("Acme Ltd",)}),
        ("departments: EMEA", EMEA),
        ("EMEA by week", EMEA | WEEK),
        ("EMEA (weekly)", EMEA | WEEK),
        ("the EMEA department (weekly)", EMEA | WEEK),
        ("EMEA – weekly", EMEA | WEEK),
        ("EMEA, without churn", EMEA | {"kpi_names": ("revenue", "arr")}),
        ("EMEA (without churn)", EMEA | {"kpi_names": ("revenue", "arr")}),
        ("EMEA, only ARR, by week", EMEA | ARR | WEEK),
        ("EMEA, in August", EMEA | AUGUST),
        ("ARR (weekly)", ARR | WEEK),
        ("EMEA / APAC", {"departments": ("EMEA", "APAC")}),
        ("only EMEA/APAC", {"departments": ("EMEA", "APAC")}),
        ("the EMEA/Marketing/APAC departments", {"departments": ("EMEA", "Marketing", "APAC")}),
        # dates
        ("from August to September 2024", {"start": "2024-08-01"}),
        ("from 2024-07-01 to 2024-08-15", {"end": "2024-08-15"}),
        ("between 2024-07-02 and 2024-08-15", {"start": "2024-07-02", "end": "2024-08-15"}),
        ("between August and September", {"start": "2024-08-01"}),
        ("from 5 August until Sep 2nd, 2024", {"start": "2024-08-05", "end": "2024-09-02"}),
        ("from November 2023 to January 2024", {"start": "2023-11-01", "end": "2024-01-31"}),
        ("Q2 2024", {"start": "2024-04-01", "end": "2024-06-30"}),
        ("only the second quarter of 2024", {"start": "2024-04-01", "end": "2024-06-30"}),
        ("in 2023", {"start": "2023-01-01", "end": "2023-12-31"}),
        ("in February", {"start": "2024-02-01", "end": "2024-02-29"}),
        ("in August", AUGUST),
        ("only August", AUGUST),
        ("Aug. 2024", AUGUST),
        ("2024-08 only", AUGUST),
        ("May 2024 only", {"start": "2024-05-01", "end": "2024-05-31"}),
        ("since 2024-08-01", {"start": "2024-08-01"}),
        ("from 2024-08-01 on", {"start": "2024-08-01"}),
        ("from August 2024", {"start": "2024-08-01"}),
        ("only ARR, from August 2024", ARR | {"start": "2024-08-01"}),
        ("EMEA from August 2024", EMEA | {"start": "2024-08-01"}),
        ("please from August 2024", {"start": "2024-08-01"}),
        ("from 2024-08", {"start": "2024-08-01"}),
        ("from August on", {"start": "2024-08-01"}),
        ("until 15 August", {"end": "2024-08-15"}),
        ("since 2025-01-01, until 2025-02-28", {"start": "2025-01-01", "end": "2025-02-28"}),
        ("from 1 to 15 August", {"start": "2024-08-01", "end": "2024-08-15"}),
        ("from the 1st to the 15th of August", {"start": "2024-08-01", "end": "2024-08-15"}),
        ("between 1 and 15 August", {"start": "2024-08-01", "end": "2024-08-15"}),
        ("1-15 August 2024", {"start": "2024-08-01", "end": "2024-08-15"}),
        ("1–15 August 2024", {"start": "2024-08-01", "end": "2024-08-15"}),
        ("August 1-15, 2024", {"start": "2024-08-01", "end": "2024-08-15"}),
        ("H1 2024", {"start": "2024-01-01", "end": "2024-06-30"}),
        ("the second half of 2023", {"start": "2023-07-01", "end": "2023-12-31"}),
        ("only July and August", {"end": "2024-08-31"}),
        ("July and August only", {"end": "2024-08-31"}),
        ("in May, June and July", {"start": "2024-05-01", "end": "2024-07-31"}),
        ("in August 2024 and September 2024", {"start": "2024-08-01"}),
        ("December 2023 and January 2024", {"start": "2023-12-01", "end": "2024-01-31"}),
        ("Q1 and Q2 2024", {"start": "2024-01-01", "end": "2024-06-30"}),
        # several at once
        ("1) only ARR\n2) by week", ARR | WEEK),
        ("1. only ARR\n2. by week", ARR | WEEK),
        ("1. only ARR 2. by week", ARR | WEEK),
        ("1) only ARR, 2) by week.", ARR | WEEK),
        ("– only ARR\n– by week", ARR | WEEK),
        ("only ARR – by week", ARR | WEEK),
        ("only ARR — by week", ARR | WEEK),
        ("only ARR - by week", ARR | WEEK),
        ("only ARR (weekly)", ARR | WEEK),
        ("only ARR (weekly), for EMEA :)", ARR | WEEK | EMEA),
        ("only ARR, but weekly", ARR | WEEK),
        ("ARR by week", ARR | WEEK),
        ("ARR for EMEA", ARR | EMEA),
        ("Show me ARR and churn for EMEA, please", {"kpi_names": ("arr", "churn")} | EMEA),
        ("ARR, by week", ARR | WEEK),
        ("ARR only, by week", ARR | WEEK),
        ("- only ARR\n- by week\n- for EMEA", ARR | WEEK | EMEA),
        ("Only ARR by week from August to August 2024 for EMEA, thanks!", ARR | WEEK | AUGUST | EMEA),
        ("without the Marketing department, only Acme Ltd",
         {"companies": ("Acme Ltd",), "departments": ("Sales", "EMEA", "IT")}),
        ("without churn by week", {"kpi_names": ("revenue", "arr")} | WEEK),
    ],
)  # fmt: skip
def test_an_understood_note_is_applied(note: str, changed: dict[str, Any]) -> None:
    decision = decision_on(note)
    assert changes(decision) == changed
    assert report_of(decision)["notApplied"] == []
    assert report_of(decision)["applied"]


@pytest.mark.parametrize(
    ("note", "changed", "refused"),
    [
        ("Filter to ARR only. Also compare with last year", ARR, ["Also compare with last year"]),
        ("Only ARR, and compare it with last year", ARR, ["compare it with last year"]),
        ("by week because the board meets weekly", WEEK, ["because the board meets weekly"]),
        ("only revenue, by week, and blue ones please", {"kpi_names": ("revenue",)} | WEEK, ["blue ones please"]),
        ("only ARR (and a blue background)", ARR, ["a blue background"]),
        ("by week, thanks for your help", WEEK, ["thanks for your help"]),
        ("expenses, by week", WEEK, ["expenses"]),
        ("by week. ?", WEEK, ["?"]),
        ("only foo, by week", WEEK, ["only foo"]),
        ("only ARR, not by week", ARR, ["not by week"]),
        ("Only ARR. Nach Woche bitte.", ARR, ["Nach Woche bitte"]),
        ("only ARR, without churn", ARR, ["without churn"]),
        ("by week, by hour", WEEK, ["by hour"]),
        ("by week. From September to July 2024.", WEEK, ["From September to July 2024"]),
    ],
)
def test_the_understood_part_is_applied_and_the_rest_reported(
    note: str, changed: dict[str, Any], refused: list[str]
) -> None:
    decision = decision_on(note)
    assert changes(decision) == changed
    assert [entry["note"] for entry in report_of(decision)["notApplied"]] == refused


@pytest.mark.parametrize(
    ("note", "quotes"),
    [
        ("only revenue -", ["only revenue"]),
        ("only revenue -\n- by week -", ["only revenue", "by week"]),
        ("- EMEA -", ["EMEA"]),
        ("only foo –", ["only foo"]),
        ("– if it rose -", ["if it rose"]),
        ("looks wrong. if it rose -", ["looks wrong. if it rose"]),
    ],
)
def test_dashes_at_the_ends_of_a_part_are_not_quoted(note: str, quotes: list[str]) -> None:
    report = report_of(decision_on(note))
    assert [entry["note"] for entry in report["applied"] + report["notApplied"]] == quotes


def test_a_month_without_a_year_takes_the_only_year_that_fits_the_range() -> None:
    assert changes(decision_on("in January", startDate="2023-10-01", endDate="2024-03-31")) == {
        "start": "2024-01-01",
        "end": "2024-01-31",
    }


def test_a_kpi_of_the_question_is_left_out_by_its_synonym() -> None:
    assert changes(decision_on("without revenue", kpiNames=["Sales", "arr"])) == ARR
