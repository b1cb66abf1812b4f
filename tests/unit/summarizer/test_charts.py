"""Charts: what they draw, and what they never contain."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.brief import write_brief
from summarizer.charts.drawing import STYLE, Chart, Slot, draw
from summarizer.charts.scale import Scale
from summarizer.units import Style, Unit
from tests.profile import examples
from tests.unit.summarizer.kpi_data import daily, monthly, question

SVG = "{http://www.w3.org/2000/svg}"
READABLE, VISIBLE = 4.5, 3  # contrasts that WCAG asks of text and of shapes


def charts(context: dict[str, Any]) -> dict[str, ElementTree.Element]:
    found = {one.name: one.content for one in write_brief(context).attachments if one.type == "chart"}
    return {str(name): ElementTree.fromstring(content) for name, content in found.items()}


def drawn(svg: ElementTree.Element, kind: str) -> str:
    """The data of the path of a kind, without the one of the legend."""
    paths = [path.attrib["d"] for path in svg.iter(f"{SVG}path") if path.attrib["class"] == kind]
    return next((data for data in paths if " 42h26" not in data), "")


def texts(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def test_each_kpi_has_a_chart_and_a_plan_is_drawn_in_that_of_its_kpi() -> None:
    table = monthly("Net revenue", "2025-01", [1, 2, 3]) + monthly("Budget", "2025-01", [2, 2, 2])
    found = charts(question(table, "2025-01-01", "2025-03-31", metrics={"Budget": {"planOf": "Net revenue"}}))
    assert list(found) == ["net-revenue.svg"]
    assert drawn(found["net-revenue.svg"], "target").count("M") == 3
    assert "Budget" in texts(found["net-revenue.svg"])


def test_a_goal_of_a_month_is_drawn_in_its_month_alone() -> None:
    goal = {"kpi": "Sales", "company": "", "direction": "at_least", "target": 3, "value": 2}
    month = {**goal, "from": "2025-02-01", "to": "2025-02-28"}
    quarter = {**goal, "from": "2025-01-01", "to": "2025-03-31", "target": 9}
    table = monthly("Sales", "2025-01", [1, 2, 3])
    svg = charts(question(table, "2025-01-01", "2025-03-31", goals=[month, quarter]))["sales.svg"]
    assert drawn(svg, "target").count("M") == 1
    assert "goal" in texts(svg)


def test_a_partial_period_is_hollow_and_beside_it_is_the_same_part_of_the_year_before() -> None:
    table = daily("Sales", "2024-01-01", "2024-03-31", 100) + daily("Sales", "2025-01-01", "2025-03-10", 100)
    svg = charts(question(table, "2025-01-01", "2025-03-31"))["sales.svg"]
    assert (drawn(svg, "value").count("M"), drawn(svg, "partial").count("M"), drawn(svg, "before").count("M")) == (
        2,
        1,
        3,
    )
    assert {"partial period", "year before"} <= set(texts(svg))
    bar = re.search(r"V([\d.]+)h", drawn(svg, "partial"))
    level = re.findall(r" ([\d.]+)h", drawn(svg, "before"))
    assert bar is not None
    assert level[-1] == bar[1]


def test_without_partial_periods_targets_and_a_year_before_nothing_of_them_is_drawn() -> None:
    svg = charts(question(monthly("Sales", "2025-01", [1, 2, 3]), "2025-01-01", "2025-03-31"))["sales.svg"]
    assert not any(drawn(svg, kind) for kind in ("partial", "before", "target"))


def test_the_title_has_the_scope() -> None:
    context = question(monthly("Sales", "2025-01", [1, 2]), "2025-01-01", "2025-02-28", departments=["North"])
    (svg,) = charts(context).values()
    assert svg.findtext(f"{SVG}title") == "Sales, Jan 2025 to Feb 2025, by month, North department only"


def test_names_that_are_alike_have_files_of_their_own() -> None:
    table = [
        one for name in ("Net-revenue", "Net revenue!", "§", "%", "收入") for one in monthly(name, "2025-01", [1, 2])
    ]
    assert list(charts(question(table, "2025-01-01", "2025-02-28"))) == [
        "net-revenue.svg", "net-revenue-2.svg", "kpi.svg", "kpi-2.svg", "kpi-3.svg"
    ]  # fmt: skip


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("is_dark", [False, True])
def test_the_colours_are_legible_in_light_and_in_dark(is_dark: bool) -> None:
    light, dark = STYLE.split("@media (prefers-color-scheme:dark){")
    rules = dark if is_dark else light
    colour = {
        name: found[1]
        for name in ("text", ".title", ".value", ".line", ".partial", ".before", ".target", ".paper", ".zero")
        if (
            found := re.search(
                rf"(?:^|[}},]){re.escape(name)}[^}}]*?(?:fill|stroke):(#[0-9a-f]{{6}})", rules, re.MULTILINE
            )
        )
    }
    assert len(colour) == 9
    for name in ("text", ".title"):
        assert contrast(colour[name], colour[".paper"]) >= READABLE
    for name in (".value", ".line", ".partial", ".before", ".target", ".zero"):
        assert contrast(colour[name], colour[".paper"]) >= VISIBLE


HOSTILE = st.text(min_size=1, max_size=60) | st.sampled_from(
    ["<script>alert(1)</script>", "]]>&amp;\"'", "a\x00b\ufffe"]
)
SIZES = st.decimals(min_value=-(10**30), max_value=10**30, allow_nan=False, places=6)
SLOTS = st.builds(Slot, HOSTILE, st.none() | SIZES, st.booleans(), before=st.none() | SIZES, target=st.none() | SIZES)


@settings(max_examples=examples(100), deadline=None)
@given(title=HOSTILE, slots=st.lists(SLOTS, min_size=1, max_size=60), bars=st.booleans(), first=SIZES)
def test_any_chart_is_well_formed_and_has_no_script_link_or_font(
    title: str, slots: list[Slot], bars: bool, first: Decimal
) -> None:
    slots = [Slot("first", first), *slots]
    content = draw(Chart(title, Style(Unit.of("USD"), 2), tuple(slots), bars, "plan"))
    svg = ElementTree.fromstring(content)
    kinds = {element.tag.removeprefix(SVG) for element in svg.iter()}
    assert kinds <= {"svg", "title", "desc", "style", "rect", "line", "text", "path", "circle"}
    attributes = {name for element in svg.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name]
    for word in ("@import", "url(", "@font-face", "http:"):
        assert word not in content.replace("http://www.w3.org/2000/svg", "").replace(title, "")
    for element in svg.iter(f"{SVG}path"):
        assert re.fullmatch(r"[MLVhz\d. -]*", element.attrib["d"])
    assert draw(Chart(title, Style(Unit.of("USD"), 2), tuple(slots), bars, "plan")) == content


@given(st.lists(SIZES, min_size=1, max_size=20), st.booleans())
def test_a_scale_holds_all_values_and_has_a_few_round_ticks(values: list[Decimal], with_zero: bool) -> None:
    scale = Scale.fitting(values, with_zero=with_zero)
    assert scale.low <= min(values)
    assert max(values) <= scale.high
    assert 2 <= len(scale.ticks) <= 7
    assert not with_zero or scale.low <= 0 <= scale.high
