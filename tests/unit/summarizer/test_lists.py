"""Lists in a context, as a ``for_each`` over an agent gives them: of rows, of texts, empty."""

from __future__ import annotations

import json
from typing import Any

import pytest

from summarizer.brief import write_brief
from summarizer.markup import plain


def rows(first: int, last: int) -> list[dict[str, Any]]:
    shared = {"kpi": "revenue", "unit": "USD", "aggregation": "sum"}
    return [{**shared, "period": "2024-07-01", "value": first}, {**shared, "period": "2024-08-01", "value": last}]


EAST, WEST = rows(100, 110), rows(200, 100)
ABOUT = "Revenue, Jul 2024 to Aug 2024, by month"
IN_JSON = [json.dumps(EAST), json.dumps(WEST)]
ROSE, FELL = (
    "evenue rose 10.0% ($100 to $110) from Jul 2024 to Aug 2024.",
    "evenue fell 50.0% ($200 to $100) from Jul 2024 to Aug 2024.",
)


def page(context: dict[str, Any]) -> str:
    return write_brief(context).page.content


def headline(content: str) -> str:
    return content.split("\n\n")[1].strip("*")


@pytest.mark.parametrize("key", ["rows", "queryResults", "whatever"])
@pytest.mark.parametrize("value", [IN_JSON, [EAST, WEST], json.dumps(IN_JSON), json.dumps([EAST, WEST])])
def test_each_set_in_a_list_has_figures_as_json_or_not(key: str, value: Any) -> None:
    deliverable = write_brief({key: value, "grouping": "month"}).page
    name = {"rows": "rows", "queryResults": "query results", "whatever": "whatever"}[key]
    assert deliverable.title == "Brief: Revenue, Jul 2024 to Aug 2024, by month, and 1 more set of figures"
    whose = name[:1].upper() + name[1:]
    assert headline(deliverable.content) == f"{whose} › item 1: R{ROSE} {whose} › item 2: R{FELL}"
    for number, total in ((1, "| $210 |"), (2, "| $300 |")):
        assert total in deliverable.content.split(f"## Figures of {name} › item {number}\n")[1].split("\n## ")[0]
    assert "left out" not in deliverable.content
    assert "Not read as figures" not in deliverable.content
    assert [figures["total"] for figures in deliverable.metadata["figures"]] == ["210"]
    assert [one["path"] for one in deliverable.metadata["brief"]["otherFigures"]] == [f"{key}[1]"]


def test_an_option_with_one_value_for_each_set_applies_to_its_set() -> None:
    content = page(
        {
            "rows": [*IN_JSON, "[]", None],
            "grouping": ["month"] * 4,
            "departments": [["Platform"], ["Sales"], ["Support"], None],
            "kpiNames": ["revenue"],
        }
    )
    assert headline(content) == (
        f"Platform department only: r{ROSE} Sales department only: r{FELL} "
        "Support department only: there are no figures for revenue."
    )
    assert "Missing: rows › item 4." in content
    assert "## Facts" not in content


@pytest.mark.parametrize(
    ("context", "title"),
    [
        ({"queryResults": ["[]", "[]"]}, "No figures"),
        ({"queryResults": ["[]", "[]"], "departments": ["Sales"]}, "No figures, Sales department only"),
        ({"queryResults": ["[]", "[]"], "departments": [["Sales"], ["Platform"]]}, "No figures"),
        (
            {"queryResults": ["[]", "[]"], "startDate": "2024-07-01", "endDate": "2024-07-31"},
            "No figures from 2024-07-01 to 2024-07-31",
        ),
        (
            {"queryResults": ["[]", "[]"], "startDate": ["2024-07-01", "2024-08-01"], "endDate": "2024-08-31"},
            "No figures",
        ),
        ({"queryResults": ["[]", IN_JSON[0]]}, ABOUT),
        ({"queryResults": ["[]", *IN_JSON]}, f"{ABOUT}, and 1 more set of figures"),
        (
            {"queryResults": IN_JSON, "departments": ["Sales"]},
            f"{ABOUT}, Sales department only, and 1 more set of figures",
        ),
        (
            {"queryResults": IN_JSON, "departments": [["Sales"], ["Platform"]]},
            f"{ABOUT}, and 1 more set of figures",
        ),
        ({"queryResults": IN_JSON, "departments": [["Sales"], None]}, f"{ABOUT}, and 1 more set of figures"),
    ],
)
def test_the_title_of_several_sets_is_true_for_all(context: dict[str, Any], title: str) -> None:
    assert write_brief({**context, "grouping": "month"}).page.title == f"Brief: {title}"


def test_the_pages_of_several_sets_keep_their_own_titles() -> None:
    departments = [["Platform"], ["Sales"]]
    pages = [
        page({"queryResults": rows, "departments": of, "grouping": "month"})
        for rows, of in zip(IN_JSON, departments, strict=True)
    ]
    content = page({"summaries": pages, "rows": IN_JSON, "departments": departments, "grouping": "month"})
    for number, department in ((1, "Platform"), (2, "Sales")):
        of_it = content.split(f"## Summaries › item {number}\n\n")[1]
        assert of_it.startswith(f"### Revenue, Jul 2024 to Aug 2024, by month, {department} department only")
    assert content.count("| $210 |") == content.count("| $300 |") == 1


def test_rows_that_are_json_texts_are_one_set() -> None:
    deliverable = write_brief({"rows": [json.dumps(row) for row in EAST], "grouping": "month"}).page
    assert headline(deliverable.content) == f"R{ROSE}"
    assert deliverable.title == "Revenue, Jul 2024 to Aug 2024, by month"


def test_json_texts_of_other_things_are_read_too() -> None:
    content = page({"answers": ['{"a": 1}', "plain", '[{"b": 2}]']})
    assert "- Answers › item 1 › a: 1\n- Answers › item 2: plain" in content
    assert "## Answers › item 3\n\n| B |" in content


def test_each_page_in_a_list_is_a_text_in_order() -> None:
    deliverable = write_brief({"summaries": ["# Page 1\n\nFine.", "# Page 2", "Not *so* fine.", None]}).page
    assert (
        "## Summaries › item 1\n\n### Page 1\n\nFine.\n\n## Summaries › item 2\n\n### Page 2\n\n"
        "## Summaries › item 3\n\nNot *so* fine." in deliverable.content
    )
    assert "Missing: summaries › item 4." in deliverable.content
    assert deliverable.title == "Brief: summaries"
    assert headline(deliverable.content) == "The context holds 3 texts."


@pytest.mark.parametrize(
    "value",
    [
        ["# Summary A\n\n**Revenue rose.**", "# Summary B"],
        ["First, open", "then closed."],
        ["a", 1, None],
        [1, 2],
        [["a", "b"], ["c"]],
        {"name": "Acme", "seats": 12, "tags": ["a", "b"]},
    ],
)
def test_json_of_a_list_or_an_object_reads_as_the_list_or_the_object(value: Any) -> None:
    for key in ("summaries", "answer"):
        assert write_brief({key: f" {json.dumps(value)}\n"}) == write_brief({key: value})
        assert write_brief({"a": {key: json.dumps(value)}}) == write_brief({"a": {key: value}})


def test_each_text_in_a_json_list_is_a_text() -> None:
    content = page({"summaries": json.dumps(["# Summary A\n\n**Revenue rose.**", "# Summary B"])})
    assert content.endswith(
        "## Summaries › item 1\n\n### Summary A\n\n**Revenue rose.**\n\n## Summaries › item 2\n\n### Summary B\n"
    )


@pytest.mark.parametrize("text", ["[see the note]", "[1] and [2]", '["a", "b"', "[a](https://b)", "Null"])
def test_a_text_that_only_looks_like_json_stays_a_text(text: str) -> None:
    assert f"- Answer: {plain(text, longest=None)}" in page({"answer": text})


def test_each_long_note_is_a_text_and_short_words_are_one_fact() -> None:
    content = page({"notes": ["word " * 60, "short", "**bold** move"], "tags": ["a", "b"]})
    assert content.index("## Notes › item 1\n\nword word") < content.index("## Notes › item 3\n\n**bold** move")
    assert "- Notes › item 2: short\n- Tags: a, b" in content


@pytest.mark.parametrize("nothing", [[], "[]", " [ ] "])
def test_an_empty_set_of_rows_has_no_figures_in_any_form(nothing: Any) -> None:
    for context in ({"queryResults": nothing}, {"rows": nothing, "grouping": "month"}, {"query_results": nothing}):
        deliverable = write_brief(context).page
        assert deliverable.title == "No figures"
        assert "## Facts" not in deliverable.content


@pytest.mark.parametrize("nothing", [[], "[]"])
def test_a_list_without_items_is_a_fact(nothing: Any) -> None:
    assert "- Outliers: none" in page({"outliers": nothing})
    assert "- A › b › item 2: none" in page({"a": {"b": [{"c": 1, "d": {}}, nothing]}})
    assert "Missing" not in page({"outliers": nothing})


def test_a_list_without_items_in_a_table_is_none_and_null_is_a_dash() -> None:
    assert "| 1 | none |\n| 2 | – |" in page({"people": [{"a": 1, "tags": "[]"}, {"a": 2, "tags": None}]})


@pytest.mark.parametrize(
    ("context", "place"),
    [
        ({"data": [*EAST, {**WEST[0], "period": "x"}]}, "context.data[2].period"),
        ({"a": {"some_rows": [{**EAST[0], "value": "x"}]}}, "context.a.some_rows[0].value"),
        ({"rows": [EAST, json.dumps([{**WEST[0], "unit": 7}])]}, "context.rows[1][0].unit"),
        ({"a": {"rows": EAST, "start_date": "July"}}, "context.a.start_date"),
        ({"rows": [EAST, WEST], "grouping": ["month", "hour"]}, "context.grouping[1]"),
        ({"a": [{"x": [{"y": 1}]}, {"rows": [EAST[0], EAST[0]]}]}, "context.a[1].rows[1] repeats context.a[1].rows[0]"),
        ({"rows": [EAST[0], {**EAST[1], "aggregation": "avg"}]}, "context.rows must give one aggregation"),
    ],
)
def test_a_note_names_the_place_where_the_fault_is(context: dict[str, Any], place: str) -> None:
    content = page(context)
    assert f"- Not read as figures: {plain(place, longest=None)}" in content
    assert "queryResults" not in content


@pytest.mark.parametrize("key", ["queryResults", "query_results", "rows", "data"])
@pytest.mark.parametrize(
    ("faulty", "reason", "shown"),
    [
        ("not json", "must be a JSON list of rows, but is not JSON", "item 2: not json"),
        (7, "must be a list of rows", "item 2: 7"),
        ({"x": 3}, "must be a list of rows", "item 2 › x: 3"),
    ],
)
@pytest.mark.parametrize("first_rows", [IN_JSON[0], EAST])
def test_an_item_that_is_no_set_of_rows_is_named_and_the_others_are_figures(
    key: str, faulty: Any, reason: str, shown: str, first_rows: Any
) -> None:
    for value in ([first_rows, faulty, IN_JSON[1]], json.dumps([first_rows, faulty, IN_JSON[1]])):
        content = page({key: value, "grouping": "month"})
        assert content.count("Not read as figures") == 1
        assert f"- Not read as figures: {plain(f'context.{key}[1] {reason}', longest=None)}" in content
        assert f" › {shown}" in content
        assert "| $210 |" in content
        assert "| $300 |" in content
        assert "inferred" not in content


def test_a_null_among_sets_of_rows_is_missing_also_in_json() -> None:
    for null in (None, "null"):
        content = page({"queryResults": [IN_JSON[0], null], "grouping": "month"})
        assert "Missing: query results › item 2." in content
        assert "Not read as figures" not in content


def test_empty_results_of_a_child_are_missing_and_not_the_child() -> None:
    children = [{"name": "a", "results": {"s": {"n": 1}}}, {"name": "b", "results": {}}]
    assert "Missing: children › item 2 › results." in page({"children": children})
