"""Modifications win over notes, and later reviews over earlier ones."""

from __future__ import annotations

from typing import Any

import pytest

from baton.agents.contract import Review
from supabase_agent.notes.decision import Decision, decide, has_notes
from supabase_agent.question import Question
from tests.unit.kpi.notes import CONTEXT, VOCABULARY, changes, decision_on, earlier, modified_paths, report_of


def test_the_missions_example_follows_the_modifications_and_reports_the_note() -> None:
    review = modified_paths("kpiNames", "grouping")
    decision = decision_on("Filter to ARR only", review, kpiNames=["arr", "churn"], grouping="week")
    assert (decision.question.kpi_names, decision.question.grouping) == (("arr", "churn"), "week")
    assert report_of(decision) == {
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


@pytest.mark.parametrize("path", ["", "context", "context.kpiNames", "context.kpiNames.0"])
def test_a_path_to_a_field_a_part_of_it_or_a_parent_modifies_it(path: str) -> None:
    assert changes(decision_on("only arr", {"modifiedPaths": [path]})) == {}


@pytest.mark.parametrize("path", ["userMessage", "context.grouping", "context.kpi", "kpiNames", "other.kpiNames"])
def test_other_paths_do_not_modify_a_field(path: str) -> None:
    assert changes(decision_on("only arr", {"modifiedPaths": [path]})) == {"kpi_names": ("arr",)}


@pytest.mark.parametrize("path", ["context.department", "context.departments"])
def test_both_names_of_a_scope_field_count(path: str) -> None:
    assert changes(decision_on("only EMEA", {"modifiedPaths": [path]})) == {}


def test_a_modification_by_a_parameter_of_another_name_wins() -> None:
    review = {"modifications": {"period": "month"}, **modified_paths("grouping")}
    decision = decision_on("by week, only arr", review)
    assert changes(decision) == {"kpi_names": ("arr",)}
    assert report_of(decision)["notApplied"][0]["message"] == (
        "Kept the grouping month, which the modifications set; the note asks for week."
    )


def test_a_parameter_that_only_has_a_field_s_name_does_not_win() -> None:
    review = {"modifications": {"grouping": "regions"}, "modifiedPaths": ["userMessage"]}
    assert changes(decision_on("by week", review)) == {"grouping": "week"}


def test_the_report_says_if_a_note_agrees_with_the_modifications() -> None:
    decision = decision_on("by month", modified_paths("grouping"))
    (entry,) = report_of(decision)["notApplied"]
    assert entry["message"] == "The modifications set the grouping month already."


def test_a_modification_of_one_date_overrules_both_dates_of_a_note() -> None:
    decision = decision_on("from 2024-07-10 to 2024-08-01", modified_paths("endDate"))
    assert changes(decision) == {}
    start, end = report_of(decision)["notApplied"]
    assert "belong together" in start["message"]
    assert (end["field"], end["asked"], end["used"]) == ("endDate", "2024-08-01", "2024-09-30")


def test_a_note_cannot_leave_out_a_modified_name() -> None:
    decision = decision_on("without churn", modified_paths("kpiNames"))
    (entry,) = report_of(decision)["notApplied"]
    assert (entry["asked"], entry["used"]) == (["revenue", "arr"], ["revenue", "arr", "churn"])


def test_notes_of_earlier_retries_stay_in_force() -> None:
    decision = decision_on("by week", earlier(("only arr", [])))
    assert changes(decision) == {"kpi_names": ("arr",), "grouping": "week"}
    assert [entry["note"] for entry in report_of(decision)["applied"]] == ["only arr", "by week"]


def test_a_later_note_replaces_an_earlier_one() -> None:
    decision = decision_on("only churn", earlier(("only arr", [])))
    assert changes(decision) == {"kpi_names": ("churn",)}
    (entry,) = report_of(decision)["notApplied"]
    assert (entry["note"], entry["message"]) == ("only arr", "A later note asks for churn.")


def test_a_later_modification_replaces_an_earlier_note() -> None:
    decision = decision_on("", {**modified_paths("kpiNames"), **earlier(("only arr", []))}, kpiNames=["revenue"])
    assert changes(decision) == {}
    assert report_of(decision)["notApplied"][0]["used"] == ["revenue"]


def test_a_later_note_narrows_an_earlier_modification() -> None:
    review = earlier(("", ["kpiNames"]))
    assert changes(decision_on("only arr", review, kpiNames=["arr", "churn"])) == {"kpi_names": ("arr",)}


def test_a_later_note_leaves_out_a_name_of_an_earlier_modification() -> None:
    decision = decision_on("without churn", earlier(("only revenue", ["kpiNames"])), kpiNames=["arr", "churn"])
    assert changes(decision) == {"kpi_names": ("arr",)}


def test_the_report_on_an_overruled_note_has_the_value_of_later_notes() -> None:
    decision = decision_on("only arr", earlier(("only revenue", ["kpiNames"])), kpiNames=["arr", "churn"])
    (entry,) = report_of(decision)["notApplied"]
    assert entry["message"] == "Modifications won over it, and later notes set the KPIs to arr."
    assert (entry["asked"], entry["used"]) == (["revenue"], ["arr"])
    (entry,) = decision.report(decision.base, frozenset({"kpiNames"}), "…")["notApplied"][:1]
    assert entry["used"] == ["arr", "churn"]


def test_the_order_of_names_does_not_matter() -> None:
    (entry,) = report_of(decision_on("only churn and ARR", modified_paths("kpiNames"), kpiNames=["arr", "Churn"]))[
        "notApplied"
    ]
    assert entry["message"] == "The modifications set arr and Churn already."


def test_each_date_of_a_note_is_replaced_by_itself() -> None:
    review = earlier(("from 2024-07-10 to 2024-08-01", []))
    decision = decision_on("until 2199-12-31", review)
    assert changes(decision) == {"start": "2024-07-10", "end": "2199-12-31"}
    assert [(entry["field"], entry["note"]) for entry in report_of(decision)["applied"]] == [
        ("startDate", "from 2024-07-10 to 2024-08-01"),
        ("endDate", "until 2199-12-31"),
    ]
    (entry,) = report_of(decision)["notApplied"]
    assert (entry["field"], entry["message"]) == ("endDate", "A later note asks for 2199-12-31.")


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ("only churn", "without churn", {"kpi_names": ("revenue", "arr")}),
        ("only IT", "without the IT department", {"departments": ("Sales", "Marketing", "EMEA", "APAC")}),
        ("since 2024-09-01", "until 2024-08-15", {"end": "2024-08-15"}),
    ],
)
def test_of_two_notes_that_leave_nothing_the_newer_counts(before: str, now: str, changed: dict[str, Any]) -> None:
    decision = decision_on(now, earlier((before, [])))
    assert changes(decision) == changed
    assert [entry["note"] for entry in report_of(decision)["applied"]] == [now]
    assert [entry["note"] for entry in report_of(decision)["notApplied"]] == [before]


P_AND_L = {"kpiNames": ["revenue", "expenses", "profit_margin"]}


@pytest.mark.parametrize(
    ("before", "now", "changed", "withdrawn"),
    [
        (["only ARR"], "without ARR", {}, ["only ARR"]),
        (["only ARR"], "without ARR, by week", {"grouping": "week"}, ["only ARR"]),
        (["only ARR", "only churn"], "without churn", {}, ["only ARR", "only churn"]),
        (["only ARR and churn"], "without ARR, without churn", {}, ["only ARR and churn"]),
        (["only ARR"], "without ARR and revenue", {"kpi_names": ("expenses", "profit_margin")}, ["only ARR"]),
        (["only ARR", "without ARR", "only churn"], "without churn", {}, ["only ARR", "without ARR", "only churn"]),
        (["without revenue", "without expenses"], "without profit_margin", {"kpi_names": ("revenue",)},
         ["without revenue"]),
        (["without revenue, without expenses", "by week"], "without profit_margin",
         {"kpi_names": ("revenue", "expenses"), "grouping": "week"}, ["without revenue", "without expenses"]),
        (["only revenue and expenses", "without profit_margin", "without expenses"], "without revenue",
         {"kpi_names": ("profit_margin",)}, ["only revenue and expenses", "without profit_margin"]),
        (["only IT", "without EMEA"], "without IT", {"departments": ("Sales", "Marketing", "APAC")}, ["only IT"]),
        (["only Acme Ltd", "without the Sales department"], "without Acme Ltd",
         {"companies": ("Borealis",), "departments": ("Marketing", "EMEA", "IT", "APAC")}, ["only Acme Ltd"]),
    ],
)  # fmt: skip
def test_the_fewest_oldest_notes_are_withdrawn_for_a_newer_one(
    before: list[str], now: str, changed: dict[str, Any], withdrawn: list[str]
) -> None:
    decision = decision_on(now, earlier(*((note, []) for note in before)), **P_AND_L)
    assert changes(decision) == changed
    assert [entry["note"] for entry in report_of(decision)["notApplied"]] == withdrawn


def test_the_report_explains_the_withdrawn_note_and_the_newer_one() -> None:
    report = report_of(decision_on("without ARR", earlier(("only ARR", [])), **P_AND_L))
    message = "Together with later notes it would leave none of the KPIs; the later ones count."
    assert report == {
        "applied": [{"note": "without ARR", "message": "Left out arr.", "field": "kpiNames"}],
        "notApplied": [{"note": "only ARR", "message": message, "field": "kpiNames"}],
    }


def test_an_older_note_that_was_replaced_keeps_the_reason() -> None:
    report = report_of(decision_on("without churn", earlier(("only ARR", []), ("only churn", [])), **P_AND_L))
    assert report["notApplied"][0]["message"] == "A later note asks for churn."


@pytest.mark.parametrize("now", ["without ARR and revenue", "without revenue, without ARR"])
def test_an_older_note_stays_if_the_newer_would_leave_nothing_of_the_question_either(now: str) -> None:
    decision = decision_on(now, earlier(("only ARR", [])), kpiNames=["revenue"])
    assert changes(decision) == {"kpi_names": ("arr",)}
    assert [entry["note"] for entry in report_of(decision)["applied"]] == ["only ARR"]


def test_an_absent_name_is_still_reported_if_an_older_note_is_withdrawn() -> None:
    decision = decision_on("without ARR, without churn", earlier(("only ARR", [])), **P_AND_L)
    assert [entry["note"] for entry in report_of(decision)["applied"]] == ["without ARR"]
    assert report_of(decision)["notApplied"][1]["message"].startswith("churn is not among the KPIs, which are revenue")


def test_a_note_is_applied_if_the_note_that_prevented_it_is_withdrawn() -> None:
    decision = decision_on("without ARR", earlier(("only ARR", []), ("without revenue", [])), **P_AND_L)
    assert changes(decision) == {"kpi_names": ("expenses", "profit_margin")}


def dropped_fields(decision: Decision) -> list[list[str]]:
    return [sorted(dropped) for _, dropped in decision.variants()]


def test_questions_to_try_drop_older_notes_first() -> None:
    decision = decision_on("only Borealis", earlier(("only IT", []), ("by week", [])))
    assert dropped_fields(decision) == [
        [],
        ["departments"],
        ["grouping"],
        ["departments", "grouping"],
        ["companies"],
        ["companies", "departments"],
        ["companies", "grouping"],
        ["companies", "departments", "grouping"],
    ]
    assert list(decision.variants())[-1][0] == decision.base == Question.parse(CONTEXT)


def test_dates_are_dropped_together_and_so_are_companies_and_departments_of_one_note() -> None:
    assert dropped_fields(
        decision_on("only IT, only Borealis", earlier(("since August", []), ("until August", [])))
    ) == [
        [],
        ["endDate", "startDate"],
        ["companies", "departments"],
        ["companies", "departments", "endDate", "startDate"],
    ]


def test_a_dropped_note_is_reported_as_not_applied() -> None:
    decision = decision_on("only arr, by week")
    report = decision.report(decision.question, frozenset({"kpiNames"}), "there is no arr")
    assert [entry["note"] for entry in report["applied"]] == ["by week"]
    assert report["notApplied"][0]["message"] == "It could not be answered with this: there is no arr."


@pytest.mark.parametrize(("count", "retries"), [(1, "1 earlier retry"), (3, "3 earlier retries")])
def test_retries_beyond_the_limit_are_reported(count: int, retries: str) -> None:
    review = Review(notes="", earlier_left_out=count)
    assert has_notes(review)
    (entry,) = report_of(decide(review, Question.parse(CONTEXT), VOCABULARY))["notApplied"]
    assert entry["message"].startswith(f"The notes of {retries} are no longer looked at")
