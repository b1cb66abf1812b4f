"""No value of a context breaks the page, makes it too long, or needs much time."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.errors import Malformed
from summarizer.brief import write_brief
from summarizer.jsontext import unwrapped
from summarizer.labels import headed, label, same
from summarizer.markdown import embedded
from summarizer.markup import INVISIBLE, plain
from summarizer.material import is_blank, is_scalar, written
from summarizer.scope import SCOPE_FIELDS
from tests.profile import examples

MAX_BYTES, MAX_SECONDS = 200_000, 5


def nested_list(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": [value]}
    return value


DAYS = [(date(1900, 1, 1) + timedelta(number)).isoformat() for number in range(30_000)]


@pytest.mark.parametrize(
    "context",
    [
        {"x": nested_list(20_000)},
        {"x": '[{"a":' * 50_000},
        {"queryResults": '[{"a":' * 50_000 + "1" + "}]" * 50_000},
        {f"key {number}": number for number in range(100_000)},
        {"s": "x" * 3_000_000, "summary": "# a\n" * 500_000, "t": "word " * 500_000},
        {f"text {number}": f"{number} words " * 10_000 for number in range(30)},
        {"records": [{"a": number, "b": [1]} for number in range(100_000)]},
        {"rows": [{"kpi": "a", "period": day, "value": 1} for day in DAYS]},
        {"queryResults": [{"kpi": "a", "period": "2024-01-01", "value": 10**5000}], "x": 10**5000},
        {"queryResults": [{"kpi": "a", "period": "2024-01-01", "value": Decimal("0e999999999")}]},
        {"queryResults": '[{"kpi": "a", "period": "2024-01-01", "value": 1e99999999999999999999}]'},
        {"many sets": [[{"kpi": "a", "period": day, "value": 1}] for day in DAYS]},
        {"texts": ["# word"] * 30_000, "more": ['[{"a": 1}]'] * 30_000},
        {"companies": ["x" * 300_000] * 900, "queryResults": [{"kpi": "a", "period": "2024-01-01", "value": 1}]},
        {"x": float("nan"), "y": float("inf"), "z": Decimal("1e999999999")},
    ],
    ids=lambda context: next(iter(context)),
)
def test_huge_and_deep_contexts_give_a_bounded_page_in_little_time(context: dict[str, Any]) -> None:
    started = time.process_time()  # others may keep the machine busy
    content = write_brief(context).page.content
    assert len(content.encode()) <= MAX_BYTES
    assert time.process_time() - started < MAX_SECONDS


def test_a_long_text_is_cut_between_words_and_says_how_much_is_left_out() -> None:
    content = write_brief({"summary": "lorem " * 20_000}).page.content
    body, left = re.findall(r"## Summary\n\n(.*)\n\n\*\(([\d,]+) more characters left out\)\*", content)[0]
    assert set(body.split()) == {"lorem"}
    assert len(body) + int(left.replace(",", "")) == len(("lorem " * 20_000).strip())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n\n## B\n\n# C", "### A\n\n#### B\n\n### C"),
        ("## A\n### B", "### A\n#### B"),
        ("A\n===\ntext", "### A\ntext"),
        ("> # A\n- # B", "> ### A\n- ### B"),
        ("> A\n> ===", "> A\n> &#61;=="),
        ("```\n# code\n<b>", "```\n# code\n<b>\n```"),
        ("~~~\na\n~~~\n# A", "```\na\n```\n### A"),
        ("- ```\n# A\n", "- &#96;&#96;&#96;\n### A"),
        ("<!-- a <script> 1 < 2", "&lt;!-- a &lt;script> 1 < 2"),
        (r"\<b \\<b", r"\<b \\&lt;b"),
        ("![a](http://b) [c](javascript:d) [e](https://f)", "&#33;[a](http://b) [c]&#40;javascript:d) [e](https://f)"),
        ("[a]: http://b", "[a]&#58; http://b"),
        ("a\r\nb\x00\u202ec", "a\nb  c"),
    ],
)
def test_markdown_of_the_context_is_below_the_headings_of_the_page(text: str, expected: str) -> None:
    assert embedded(text, 3) == expected


def test_a_code_block_cannot_be_closed_from_inside_and_is_closed_at_the_end() -> None:
    lines = embedded("~~~~\n```\n~~~\n# code\n~~~~\nafter\n````\nopen", 3).split("\n")
    assert lines == ["````", "```", "~~~", "# code", "````", "after", "```", "open", "```"]


def test_keys_values_and_cells_cannot_become_structure() -> None:
    hostile = "a|b\n# c\n- [d](e) <script> `f`"
    values = {hostile: "x\n# Evil", "fact": "# Evil | <b>", "error": hostile, "childStatus": "failed"}
    deliverable = write_brief({**values, "list": [{hostile: hostile}]}).page
    headings = [line for line in deliverable.content.splitlines() if line.startswith("#")]
    assert [line for line in headings if line.startswith("# ")] == [deliverable.content.splitlines()[0]]
    assert "### Evil" in headings
    tables = [line for line in deliverable.content.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {2}
    assert not re.search(r"(?<!\\)<", deliverable.content)
    assert "\n" not in deliverable.title


def has_only_empty_scopes(value: Any) -> bool:
    """Whether an object has only nulls, apart from empty companies and departments."""
    if not isinstance(value, dict):
        return is_blank(value)
    return all((same(key) in SCOPE_FIELDS and held == []) or has_only_empty_scopes(held) for key, held in value.items())


TEXT = st.text(max_size=40)
SCALAR = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | TEXT
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)


@settings(max_examples=examples())
@given(context=st.dictionaries(TEXT, VALUE, max_size=6))
def test_any_context_with_content_gives_a_page_with_all_its_scalars(context: dict[str, Any]) -> None:
    if is_blank(context) or has_only_empty_scopes(context):
        with pytest.raises(Malformed):
            write_brief(context)
        return
    content = write_brief(context).page.content
    assert content.startswith("# ")
    for key, value in context.items():
        if value == [] and same(key) not in SCOPE_FIELDS:
            assert f"- {headed(label(key))}: none" in content
        if not is_scalar(unwrapped(value)) or is_blank(value):
            continue
        text = written(value)
        shown = embedded(text, 3) if "\n" in text.strip() else plain(text, longest=None) or INVISIBLE
        assert shown in content, key
