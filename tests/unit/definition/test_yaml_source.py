"""YAML becomes data with the place of every part."""

from __future__ import annotations

import pytest

from baton.definition import DefinitionInvalid
from baton.yaml_source import UNQUOTED, read_yaml


def test_dates_and_no_stay_strings() -> None:
    text = "[2024-07-01, no, on, 12:30, 1_000, 0x1F, '1', \"true\", .inf, 1.0.0]"
    assert read_yaml(text, "f.yaml").data == [
        "2024-07-01", "no", "on", "12:30", "1_000", "0x1F", "1", "true", ".inf", "1.0.0",
    ]  # fmt: skip


def test_numbers_booleans_and_null_have_their_types() -> None:
    text = "[1, -2, 0.5, .5, 1e3, true, False, null, ~, ]"
    assert read_yaml(text, "f.yaml").data == [1, -2, 0.5, 0.5, 1000.0, True, False, None, None]


def test_the_place_of_a_value_a_key_and_a_text_inside_a_value() -> None:
    document = read_yaml("steps:\n  - id: fetch\n    note: >-\n      first\n      {{ x }} last\n", "f.yaml")
    assert document.locate(("steps", 0, "id")) == (2, 9)
    assert document.locate_key(("steps", 0, "id")) == (2, 5)
    assert document.locate_text(("steps", 0, "note"), "{{ x }}") == (5, 7)


def test_the_place_of_a_missing_field_is_its_section() -> None:
    document = read_yaml("steps:\n  - id: fetch\n", "f.yaml")
    assert document.locate(("steps", 0, "agent")) == (2, 5)
    assert document.locate(("parameters", 0)) == (1, 1)


def test_the_data_of_an_empty_file_is_none() -> None:
    assert read_yaml("", "f.yaml").data is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1: `a` is there twice; the first is in line 1"),
        ("a: {b: 1, b: 2}\n", "1:11: `b` is there twice; the first is in line 1"),
        ("<<: {a: 1}\n", "1:1: merge keys (`<<`) are not supported; write the fields out"),
        ("? [a]\n: 1\n", "1:3: a key must be a string"),
        ("a: &x [1]\nb: *x\n", "2:4: not readable as YAML: the alias `*x` is not supported; write the value out"),
        ("a: !!int '1'\n", "1:4: not readable as YAML: tags (`!…`) are not supported; write the plain value"),
        ("[" * 60, "1:51: not readable as YAML: nested deeper than 50 levels"),
        ("a:\n  b: {{ c }}\n", f"2:6: {UNQUOTED}"),
        ("a:\n  - {{ c }}\n", f"2:5: {UNQUOTED}"),
        ("a:\n  b: {{ c }} and more\n", f"2:6: {UNQUOTED}"),
        ("a: b: c\n", "1:5: not readable as YAML: mapping values are not allowed here"),
        ("a: 'b\n", "2:1: not readable as YAML: found unexpected end of stream while scanning a quoted scalar"),
        ("a: 1\n---\nb: 2\n", "2:1: not readable as YAML: a second document begins here"),
        ("a: b\nc: \x07\n", "2:4: not readable as YAML: the character U+0007 is not allowed"),
        ("a" * 400_001, "1:1: the file is longer than 400000 characters"),
    ],
)
def test_an_ambiguous_or_expensive_file_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        read_yaml(text, "f.yaml")
    assert str(refused.value) == f"f.yaml:{message}"
