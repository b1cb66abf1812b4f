"""Notes that are not applied: in doubt the question does not change, and the report has the reason."""

from __future__ import annotations

import pytest

from supabase_agent.notes.reader import MAX_PHRASES
from tests.unit.kpi.notes import changes, decision_on, report_of


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        # halves of sentences
        ("only ARR if it rose", "“if it rose” was not understood"),
        ("only ARR for large customers", "“for large customers” was not understood"),
        ("by week except churn", "“except churn” was not understood"),
        ("by week for ARR", "“for ARR” was not understood"),
        ("without churn in August", "“in August” was not understood"),
        ("only weekly ARR", "“ARR” was not understood"),
        ("only ARR or churn", "was not understood"),
        ("only revenue/expenses", "“/expenses” was not understood"),
        ("only ARR and, well, maybe churn", "was not understood"),
        ("without churn and ARR only", "was not understood"),
        ("by week and month", "was not understood"),
        ("only ARR 🚫", "“🚫” was not understood"),
        ("only ARR e.g. by week", "was not understood"),
        ("only ARR, for large customers", "“for large customers” was not understood"),
        ("only ARR, subject to approval", "“subject to approval” was not understood"),
        ("only ARR, and for large customers", "“for large customers” was not understood"),
        ("by week, and churn's by month", "was not understood"),
        ("by week, and only where it rose", "was not understood"),
        ("by week, and not if it fell", "was not understood"),
        ("by week, and quarters later", "was not understood"),
        ("by week, and that is wrong", "was not understood"),
        ("only ARR and blue ones", "There is no KPI, department or company “blue ones”"),
        ("by week and blue ones", "“blue ones” was not understood"),
        ("by week, but for EMEA by month", "was not understood"),
        ("by week, but churn by month", "was not understood"),
        ("without churn, but only in August", "was not understood"),
        ("only July and October", "was not understood"),
        ("only ARR (if it rose)", "“if it rose)” was not understood"),
        ("only ARR -churn", "“churn” was not understood"),
        ("1. August only", "was not understood"),
        ("ARR fell in August", "was not understood"),
        ("ARR by week looks odd", "was not understood"),
        # no instructions
        ("Only ARR!?", "It is a question"),
        ("also EMEA", "was not understood"),
        ("include EMEA", "was not understood"),
        ("we ignore churn", "was not understood"),
        ("ignore what I wrote", "was not understood"),
        ("ARR", "was not understood"),
        ("EMEA is missing", "was not understood"),
        ("EMEA or APAC", "was not understood"),
        ("EMEA rose", "was not understood"),
        ("from August", "was not understood"),
        ("from 2024", "was not understood"),
        ("only from August 2024", "was not understood"),
        ("from August 2024 only", "was not understood"),
        ("only ARR from August 2024", "was not understood"),
        ("revenue from Q3 2024", "was not understood"),
        ("the figures from August 2024", "was not understood"),
        ("but for EMEA by month", "was not understood"),
        ("but churn", "was not understood"),
        ("but ARR by week", "was not understood"),
        ("but", "was not understood"),
        ("ARR, without churn", "was not understood"),
        ("EMEA (if it rose)", "was not understood"),
        ("EMEA, weekly if it rose", "was not understood"),
        ("EMEA/", "was not understood"),
        ("EMEA / foo", "was not understood"),
        ("EMEA/ARR", "was not understood"),
        ("Only ARR?", "It is a question"),
        ("Nur ARR bitte", "was not understood"),
        ("no churn", "was not understood"),
        ("I see only ARR", "was not understood"),
        ("I don't see churn", "was not understood"),
        ("the results only show ARR", "was not understood"),
        ("Will only ARR do?", "was not understood"),
        ("looks wrong", "was not understood"),
        ("last month", "was not understood"),
        ("from 07/01/2024 to 08/01/2024", "was not understood"),
        # negations
        ("not by week", "It says what is not wanted"),
        ("don't filter to ARR", "It says what is not wanted"),
        ("not only ARR", "It says what is not wanted"),
        ("do not exclude churn", "It says what is not wanted"),
        ("don't filter", "was not understood"),
        ("not ARR and churn", "was not understood"),
        # names
        ("only foo", "There is no KPI, department or company “foo”. The departments are Sales, "),
        ("Platform", "There is no KPI, department or company “Platform”. The departments are Sales, "),
        ("Customer Success, please", "There is no KPI, department or company “Customer Success”. The departments are"),
        ("the Platform department", "There is no department “Platform”. The departments are Sales, "),
        ("EMEA and Platform", "There is no KPI, department or company “Platform”. The departments are Sales, "),
        ("only Acme", "There is no KPI, department or company “Acme”. Did you mean the company Acme Ltd?"),
        ("only ARR and foo", "There is no KPI, department or company “foo”"),
        ("only the ARR department", "There is no department “ARR”. The departments are"),
        ("only Sales", "“Sales” can mean the KPI revenue or the department Sales; say which"),
        ("Sales / Marketing", "“Sales” can mean the KPI revenue or the department Sales; say which"),
        ("exclude Sales", "“Sales” can mean the KPI revenue or the department Sales"),
        ("only ARR and EMEA", "It names a KPI and a department in one list"),
        ("without expenses", "expenses is not among the KPIs, which are revenue, arr and churn."),
        ("without revenue, arr and churn", "That would leave out all KPIs"),
        ("without Acme Ltd and Borealis", "That would leave out all companies"),
        # values
        ("by hour", "The grouping can be day, week, month, quarter, year, total, but not hour."),
        ("from September to July 2024", "ends before it starts"),
        ("since 2025-01-01", "The range 2025-01-01 to 2024-09-30 ends before it starts."),
        ("from 1850-01-01 to 2024-07-31", "Dates must lie between 1900-01-01 and 2199-12-31"),
        ("from 2024-02-30 to 2024-03-31", "There is no day 2024-02-30."),
        ("until 31 September", "There is no day 2024-09-31."),
    ],
)
def test_a_doubtful_note_changes_nothing_and_is_reported(note: str, reason: str) -> None:
    decision = decision_on(note)
    assert changes(decision) == {}
    (entry,) = report_of(decision)["notApplied"]
    assert report_of(decision)["applied"] == []
    assert entry["note"] == note.rstrip("!?")
    assert reason in entry["message"]


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("Only ARR. Unless it fell.", "The note also says “Unless it fell”"),
        ("only ARR\nif it rose", "The note also says “if it rose”"),
        ("Only ARR. Never mind.", "The note also says “Never mind”"),
        ("Only ARR. Also churn.", "The note also says “Also churn”"),
        ("Only ARR. Sorry, I meant churn.", "may change what this means"),
        ("Only ARR. The reverse please.", "may change what this means"),
        ("by week. Ignore that, it was a mistake.", "may change what this means"),
        ("by week. Aber nicht für ARR.", "may change what this means"),
    ],
)
def test_a_sentence_that_may_take_a_note_back_prevents_it(note: str, reason: str) -> None:
    decision = decision_on(note)
    assert changes(decision) == {}
    assert reason in report_of(decision)["notApplied"][0]["message"]
    assert len(report_of(decision)["notApplied"]) == 2


@pytest.mark.parametrize(
    "note",
    [
        "only arr, without arr",
        "without arr. only arr",
        "by week and by month",
        "by week, not by week",
        "only arr. only churn",
        "in August and in September",
        "only ARR for EMEA, only churn for APAC",
        "only ARR for EMEA, not for EMEA",
    ],
)
def test_contradictory_notes_change_nothing(note: str) -> None:
    decision = decision_on(note)
    assert changes(decision) == {}
    assert report_of(decision)["applied"] == []


def test_instructions_of_one_unit_are_applied_together_or_not_at_all() -> None:
    first, second = report_of(decision_on("only arr from September to July 2024"))["notApplied"]
    assert first["message"] == "It belongs to “from September to July 2024”, which could not be applied."
    assert "ends before it starts" in second["message"]


def test_a_unit_whose_dates_are_no_range_is_not_applied() -> None:
    decision = decision_on("only arr since 2025-01-01, by week")
    assert changes(decision) == {"grouping": "week"}
    assert [entry["note"] for entry in report_of(decision)["notApplied"]] == ["only arr", "since 2025-01-01"]


def test_a_month_that_several_years_of_the_range_have_needs_its_year() -> None:
    decision = decision_on("in August", startDate="2023-01-01")
    assert changes(decision) == {}
    assert "names no year" in report_of(decision)["notApplied"][0]["message"]


@pytest.mark.parametrize(
    "note", ["a. by week. " * 800, "by week, " * 1100, "only " * 2000, "arr and " * 1250, "x" * 10_000]
)
def test_a_very_long_note_is_reported_in_few_entries(note: str) -> None:
    decision = decision_on(note)
    assert changes(decision) == {}
    assert 1 <= len(report_of(decision)["notApplied"]) <= MAX_PHRASES


@pytest.mark.parametrize("note", [".", "?", "👍", "Thanks!", "...", ":)", "Thanks! ?"])
def test_the_report_says_if_a_note_asks_for_nothing(note: str) -> None:
    (entry,) = report_of(decision_on(note))["notApplied"]
    assert entry["note"] == note
    assert entry["message"].startswith("It asks for nothing that the agent can do")


@pytest.mark.parametrize("note", ["", " \n"])
def test_an_empty_note_has_an_empty_report(note: str) -> None:
    assert report_of(decision_on(note)) == {"applied": [], "notApplied": []}


@pytest.mark.parametrize(
    ("note", "half"), [("expenses by week", "by week"), ("costs for EMEA", "for EMEA"), ("ARR and costs in August", "")]
)
def test_a_new_kpi_without_only_is_ambiguous(note: str, half: str) -> None:
    decision = decision_on(note)
    assert changes(decision) == {}
    first, second = report_of(decision)["notApplied"]
    assert first["message"].startswith("It does not say whether expenses is wanted alone or as well")
    assert second["note"].endswith(half)
