"""Modifications win over notes, and later reviews over earlier ones."""

from __future__ import annotations

from typing import Any

import pytest

from supabase_agent.question import Question
from tests.unit.kpi.notes import CONTEXT, changes, decided


def earlier(*reviews: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"earlier": [{"notes": notes, "modifications": modifications} for notes, modifications in reviews]}


def test_the_missions_example_gives_what_the_modifications_say_and_reports_the_note() -> None:
    modifications = {"kpiNames": ["arr", "churn"], "grouping": "week"}
    decision = decided("Filter to ARR only", {"modifications": modifications}, **modifications)
    assert (decision.question.kpi_names, decision.question.grouping) == (("arr", "churn"), "week")
    assert decision.report() == {
        "applied": [],
        "notApplied": [
            {
                "note": "Filter to ARR only",
                "message": "Kept arr and churn, which the modifications set; the note asks for arr only.",
                "field": "kpiNames",
                "asked": ["arr"],
                "used": ["arr", "churn"],
            }
        ],
    }


@pytest.mark.parametrize(
    "modifications",
    [
        {"kpiNames": ["arr", "churn"]},
        {"kpi_names": ["arr", "churn"]},
        {"context": {"kpiNames": ["arr", "churn"]}},
        {"context.kpiNames": ["arr", "churn"]},
        {"input": {"context": {"kpi-names": ["arr", "churn"]}}},
    ],
)
def test_a_modification_is_recognized_wherever_it_is_and_however_it_is_spelt(modifications: dict[str, Any]) -> None:
    decision = decided("only arr, by week", {"modifications": modifications}, kpiNames=["arr", "churn"])
    assert changes(decision) == {"grouping": "week"}
    assert decision.report()["notApplied"][0]["used"] == ["arr", "churn"]


def test_a_field_that_differs_from_the_reviewed_attempt_was_modified_whatever_the_modification_is_called() -> None:
    before = {"attemptNumber": 1, "input": {"context": {**CONTEXT, "grouping": "day"}}, "outputs": None}
    decision = decided("by week, only arr", {"modifications": {"period": "month"}, "previousAttempt": before})
    assert changes(decision) == {"kpi_names": ("arr",)}
    assert decision.report()["notApplied"][0]["message"] == (
        "Kept the grouping month, which the modifications set; the note asks for week."
    )


@pytest.mark.parametrize("before", [{}, {"input": None}, {"input": {}}, {"input": {"context": None}}])
def test_without_the_reviewed_attempt_s_input_only_the_modifications_names_count(before: dict[str, Any]) -> None:
    assert changes(decided("by week", {"previousAttempt": before})) == {"grouping": "week"}


def test_a_note_that_agrees_with_the_modifications_is_told_so() -> None:
    decision = decided("by month", {"modifications": {"grouping": "month"}})
    (entry,) = decision.report()["notApplied"]
    assert entry["message"] == "The modifications set the grouping month already."


def test_dates_of_one_instruction_are_not_torn_apart_by_a_modification_of_one_of_them() -> None:
    decision = decided("from 2024-07-10 to 2024-08-01", {"modifications": {"end_date": "2024-09-30"}})
    assert changes(decision) == {}
    start, end = decision.report()["notApplied"]
    assert "belong together" in start["message"]
    assert (end["field"], end["asked"], end["used"]) == ("endDate", "2024-08-01", "2024-09-30")


def test_what_a_note_leaves_out_of_modified_names_is_kept() -> None:
    decision = decided("without churn", {"modifications": {"kpiNames": []}})
    (entry,) = decision.report()["notApplied"]
    assert (entry["asked"], entry["used"]) == (["revenue", "arr"], ["revenue", "arr", "churn"])


def test_notes_of_earlier_retries_stay_in_force() -> None:
    decision = decided("by week", earlier(("only arr", {})))
    assert changes(decision) == {"kpi_names": ("arr",), "grouping": "week"}
    assert [entry["note"] for entry in decision.report()["applied"]] == ["only arr", "by week"]


def test_a_later_note_replaces_an_earlier_one() -> None:
    decision = decided("only churn", earlier(("only arr", {})))
    assert changes(decision) == {"kpi_names": ("churn",)}
    (entry,) = decision.report()["notApplied"]
    assert (entry["note"], entry["message"]) == ("only arr", "A later note asks for churn.")


def test_a_later_modification_replaces_an_earlier_note() -> None:
    decision = decided(
        "", {"modifications": {"kpiNames": ["revenue"]}, **earlier(("only arr", {}))}, kpiNames=["revenue"]
    )
    assert changes(decision) == {}
    assert decision.report()["notApplied"][0]["used"] == ["revenue"]


def test_a_later_note_narrows_what_an_earlier_modification_set() -> None:
    review = earlier(("", {"kpiNames": ["arr", "churn"]}))
    assert changes(decided("only arr", review, kpiNames=["arr", "churn"])) == {"kpi_names": ("arr",)}


def test_questions_to_try_end_with_the_one_without_notes() -> None:
    decision = decided("only arr, in August")
    tried = list(decision.variants())
    assert [sorted(dropped) for _, dropped in tried] == [
        [],
        ["kpiNames"],
        ["endDate", "startDate"],
        ["endDate", "kpiNames", "startDate"],
    ]
    assert tried[-1][0] == decision.base == Question.parse(CONTEXT)


def test_what_could_not_be_answered_is_reported_as_not_applied() -> None:
    report = decided("only arr, by week").report(frozenset({"kpiNames"}), "there is no arr")
    assert [entry["note"] for entry in report["applied"]] == ["by week"]
    assert report["notApplied"][0]["message"] == "It could not be answered with this: there is no arr."
