"""Templates in a step's input."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.templating import (
    InputTooLarge,
    NameReference,
    OutputReference,
    Scope,
    TemplateInvalid,
    placeholders,
    references,
    render,
)

SCOPE = Scope(
    parameters={
        "kpi_names": ["revenue", "arr"],
        "limit": Decimal("1.10"),
        "dry": True,
        "note": None,
        "filter": {"company": "Acme", "from": Decimal("0.30")},
    },
    steps={"fetch-kpi-data": {"rows": [{"value": 1}], "sql": "select 1"}},
)


def test_a_value_that_is_one_template_keeps_its_type() -> None:
    assert render("{{ kpi_names }}", SCOPE) == ["revenue", "arr"]
    assert render("{{ parameters.limit }}", SCOPE) == Decimal("1.10")
    assert render(" {{dry}} ", SCOPE) is True
    assert render("{{ note }}", SCOPE) is None
    assert render("{{ steps.fetch-kpi-data.rows }}", SCOPE) == [{"value": 1}]


def test_a_value_inside_text_is_written_for_a_person() -> None:
    assert render("Fetch {{ kpi_names }}, up to {{ limit }}.", SCOPE) == "Fetch revenue, arr, up to 1.10."
    assert render("{{ kpi_names }}{{ dry }}", SCOPE) == "revenue, arrtrue"
    assert render("Note: {{ note }}.", SCOPE) == "Note: ."
    assert render("Where {{ filter }}.", SCOPE) == 'Where {"company":"Acme","from":0.30}.'


def test_templates_in_lists_and_mappings_are_rendered_and_other_values_stay() -> None:
    template = {"names": ["{{ kpi_names }}", 1], "deep": {"sql": "{{ steps.fetch-kpi-data.sql }}"}, "on": True}
    assert render(template, SCOPE) == {"names": [["revenue", "arr"], 1], "deep": {"sql": "select 1"}, "on": True}


def test_the_text_of_a_value_is_not_read_as_a_template() -> None:
    scope = Scope(parameters={"note": "{{ secret }}", "secret": "x"}, steps={})
    assert render("{{ note }}", scope) == "{{ secret }}"
    assert render("Note: {{ note }}", scope) == "Note: {{ secret }}"


def test_a_missing_output_of_a_skipped_step_is_null() -> None:
    assert render("{{ steps.skipped.rows }}", Scope(parameters={}, steps={"skipped": {}})) is None


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ other }}", "there is no parameter `other`"),
        ("{{ steps.later.rows }}", "the step `later` has no outputs yet"),
        ("{{ a + b }}", "`{{ a + b }}` is not a reference"),
        ("{{ steps.fetch }}", "`{{ steps.fetch }}` is not a reference"),
        ("{{ }}", "is not a reference"),
    ],
)
def test_an_unknown_reference_is_an_error(template: str, message: str) -> None:
    with pytest.raises(TemplateInvalid) as error_info:
        render(template, SCOPE)
    assert message in str(error_info.value)


def test_dots_lead_to_fields_of_an_output_or_an_item_and_missing_fields_are_null() -> None:
    child = {"results": {"summarize-results": {"summary": "fine"}}, "status": "failed"}
    scope = Scope(parameters={"region": "all"}, steps={"run": child}, item={"region": {"code": "emea", "size": 3}})
    assert render("{{ steps.run.results.summarize-results.summary }}", scope) == "fine"
    assert render("{{ steps.run.results.fetch.rows }}", scope) is None
    assert render("{{ steps.run.status.deeper }}", scope) is None
    assert render("{{ region.code }} of {{ parameters.region }}", scope) == "emea of all"
    assert render("{{ region }}", scope) == {"code": "emea", "size": 3}


def test_references_lists_the_names_in_a_template() -> None:
    template = {"a": "{{ kpi_names }} by {{ parameters.limit }}", "b": ["{{ steps.fetch-kpi-data.sql }}"], "c": 3}
    assert references(template) == (
        NameReference("kpi_names"),
        NameReference("limit", is_parameter=True),
        OutputReference("fetch-kpi-data", "sql"),
    )


def test_a_template_without_an_end_is_refused() -> None:
    with pytest.raises(TemplateInvalid, match="never closed"):
        references("{{ kpi_names }} and {{ limit")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(alphabet="ab} "), st.lists, max_leaves=10))
def test_data_without_templates_renders_to_itself(value: Any) -> None:
    assert render(value, SCOPE) == value


# --- linear time ------------------------------------------------------------------------------------------------------


class CountingText(str):
    """Counts how often it is searched and how much of it."""

    searched = 0

    def find(self, sub: str, start: int = 0, end: int | None = None) -> int:  # type: ignore[override]
        found = super().find(sub, start)
        self.searched += (len(self) if found < 0 else found) - start
        return found


@pytest.mark.parametrize("unit", ["{{", "{{ kpi_names }} ", "}} {{ ", "{", "}"])
def test_a_template_is_searched_a_limited_number_of_times_whatever_its_length(unit: str) -> None:
    for length in (1_000, 20_000):
        text = CountingText(unit * (length // len(unit)))
        list(placeholders(text))
        assert text.searched <= 3 * len(text)


def test_a_long_template_that_is_never_closed_stays_as_it_is() -> None:
    assert render("{{ kpi_names }}" + "{{" * 20_000, SCOPE) == "revenue, arr" + "{{" * 20_000


def test_a_placeholder_that_comes_twice_is_filled_in_twice() -> None:
    assert render("{{ limit }}{{limit}}, {{ limit }}", SCOPE) == "1.101.10, 1.10"


@pytest.mark.parametrize(
    "template",
    [
        "Twice: {{ steps.one.text }}{{ steps.one.text }}",
        ["{{ steps.one.text }}", {"again": "{{ steps.one.text }}"}],
        {f"n{number}": "{{ steps.one.list }}" for number in range(1_000)},
        "{{ who }}" * 20_000,
    ],
)
def test_values_beyond_the_limit_are_counted_before_they_are_copied(template: Any) -> None:
    steps = {"one": {"text": "x" * 3_500_000, "list": ["x" * 1_000] * 1_000}}
    scope = Scope({"who": "x" * 20_000}, steps)
    tracemalloc.start()
    with pytest.raises(InputTooLarge, match=r"with `\{\{ .* \}\}` of [\d,]+ bytes, the values .* 6,291,456 bytes"):
        render(template, scope)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000


def test_one_large_value_is_rendered() -> None:
    text = "x" * 4_000_000
    assert render({"a": "{{ steps.one.text }}", "b": "{{ n }}"}, Scope({"n": 1}, {"one": {"text": text}}))["a"] is text
