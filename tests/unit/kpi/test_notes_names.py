"""The KPIs, departments and companies that a name in a note means, as in a question."""

from __future__ import annotations

import pytest

from supabase_agent.catalog import Department, Metric
from supabase_agent.notes.vocabulary import Meaning, Vocabulary
from tests.unit.kpi.notes import VOCABULARY, changes, decision_on, report_of


def metric(name: str, unit: str = "USD", *synonyms: str) -> Metric:
    return Metric(f"{name}/{unit}", name, unit, "sum", None, synonyms, None, True)


ALL = "The departments are Sales, Marketing, EMEA, IT and APAC. The companies are Acme Ltd and Borealis."
IN_TWO_UNITS = Vocabulary([metric("revenue", "USD"), metric("Revenue", "GBP"), metric("arr")], [])


def test_case_spaces_underscores_and_hyphens_do_not_count() -> None:
    for spelling in ("Annual Recurring Revenue", "annual-recurring_revenue", "ARR"):
        assert VOCABULARY.meanings(spelling) == (Meaning("KPI", "arr"),)


def test_a_name_can_have_several_meanings() -> None:
    assert VOCABULARY.meanings("sales") == (Meaning("KPI", "revenue"), Meaning("department", "Sales"))


def test_a_kpi_s_own_name_is_preferred_to_a_synonym_of_another() -> None:
    vocabulary = Vocabulary([metric("revenue", "USD", "sales"), metric("Sales", "items")], [])
    assert vocabulary.meanings("sales") == (Meaning("KPI", "Sales"),)


def test_a_synonym_of_two_kpis_means_both() -> None:
    vocabulary = Vocabulary([metric("net_margin", "USD", "margin"), metric("gross_margin", "USD", "margin")], [])
    assert [meaning.name for meaning in vocabulary.meanings("margin")] == ["net_margin", "gross_margin"]


def test_departments_of_one_name_in_several_companies_are_one_meaning() -> None:
    vocabulary = Vocabulary([], [Department("1", "A", "R&D"), Department("2", "B", "r&d")])
    assert vocabulary.meanings("R&D") == (Meaning("department", "R&D"),)


def test_one_of_several_units_can_be_kept() -> None:
    assert changes(decision_on("only Revenue (GBP)", vocabulary=IN_TWO_UNITS)) == {"kpi_names": ("Revenue (GBP)",)}


def test_one_unit_cannot_be_left_out_of_a_kpi_in_all_units() -> None:
    decision = decision_on("without Revenue (GBP)", vocabulary=IN_TWO_UNITS, kpiNames=["revenue", "arr"])
    assert changes(decision) == {}
    assert "Revenue (GBP) is only a part of revenue" in report_of(decision)["notApplied"][0]["message"]


def test_all_units_can_be_left_out_by_the_name() -> None:
    decision = decision_on("without revenue", vocabulary=IN_TWO_UNITS, kpiNames=["Revenue (GBP)", "arr"])
    assert changes(decision) == {"kpi_names": ("arr",)}


def test_without_any_names_a_note_can_still_group() -> None:
    decision = decision_on("only arr, by week", vocabulary=Vocabulary([], []))
    assert changes(decision) == {"grouping": "week"}
    assert "“arr”. There are no departments. There are no companies." in report_of(decision)["notApplied"][0]["message"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("revenu", "Did you mean the KPI revenue?"),
        ("recurring", "Did you mean the KPI arr?"),
        ("Acme", "Did you mean the company Acme Ltd?"),
        ("sale", "Did you mean the KPI revenue or the department Sales?"),
        ("Marketting", "Did you mean the department Marketing?"),
        ("profit", "Did you mean the KPI profit_margin?"),
        ("Marketting team", "Did you mean the department Marketing?"),
        ("HR", ALL),
        ("DACH region", ALL),
        ("ANZ region", ALL),
        ("MEA regions", "Did you mean the department EMEA?"),
        ("EMEAR region", "Did you mean the department EMEA?"),
        ("region", ALL),
        ("business area", ALL),
    ],
)
def test_an_unknown_name_is_answered_with_suggestions(name: str, hint: str) -> None:
    assert VOCABULARY.hint(name) == hint


def test_a_region_is_not_taken_for_a_margin() -> None:
    vocabulary = Vocabulary([metric("profit_margin", "%", "margin")], [Department("1", "Northwind", "Platform")])
    (entry,) = report_of(decision_on("only the EMEA region", vocabulary=vocabulary))["notApplied"]
    assert entry["message"] == (
        "There is no KPI, department or company “EMEA region”. The department is Platform. The company is Northwind."
    )


def test_a_kpi_in_several_units_is_suggested_once() -> None:
    vocabulary = Vocabulary([metric("revenue", "USD"), metric("revenue", "GBP")], [])
    assert vocabulary.hint("revenus") == "Did you mean the KPI revenue?"


def test_a_hint_lists_a_few_names_only() -> None:
    vocabulary = Vocabulary([], [Department(str(n), "A", f"D{n}") for n in range(12)])
    assert vocabulary.hint("EMEA", "department").endswith("D8, D9 and 2 more.")
    assert vocabulary.hint("EMEA", "company") == "The company is A."
