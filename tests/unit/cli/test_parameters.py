"""NAME=VALUE → JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cli import parameters


@pytest.mark.parametrize(
    ("type_name", "text", "value"),
    [
        ("string", "5", "5"),
        ("date", "2024-07-01", "2024-07-01"),
        ("string[]", "revenue, profit margin", ["revenue", "profit margin"]),
        ("string[]", "revenue", ["revenue"]),
        ("string[]", '["a,b", "c"]', ["a,b", "c"]),
        ("string[]", "", []),
        ("number", "0.10", Decimal("0.10")),
        ("number", "-3", -3),
        ("number[]", "1,2.5", [1, Decimal("2.5")]),
        ("integer", "7", 7),
        ("boolean", "True", True),
        ("boolean", "no", False),
        ("object", '{"a": 1}', {"a": 1}),
    ],
)
def test_text_is_read_by_its_declared_type(type_name: str, text: str, value: Any) -> None:
    assert parameters.typed_value(type_name, text) == value
    assert type(parameters.typed_value(type_name, text)) is type(value)


@pytest.mark.parametrize(
    ("type_name", "text"),
    [("number", "many"), ("number", "NaN"), ("integer", "1.5"), ("boolean", "perhaps"), ("object", "{a"),
     ("number[]", "1,x"), ("string[]", "[broken")],
)  # fmt: skip
def test_text_that_does_not_fit_its_type_is_sent_unchanged(type_name: str, text: str) -> None:
    assert parameters.typed_value(type_name, text) == text


def test_the_parts_of_a_list_are_joined() -> None:
    declared = [{"name": "kpi_names", "type": "string[]"}]

    assert parameters.launch_parameters(declared, [("kpi_names", "revenue"), ("kpi_names", "arr")]) == {
        "kpi_names": ["revenue", "arr"]
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("arr,churn", ["arr", "churn"]),
        ("arr,", ["arr"]),
        ("arr", "arr"),
        ("3", 3),
        ("true", True),
        ('["arr"]', ["arr"]),
    ],
)
def test_without_a_declared_type_the_form_of_the_text_decides(text: str, value: Any) -> None:
    assert parameters.modifications([], [("context.kpiNames", text)]) == {"context": {"kpiNames": value}}


def test_changes_below_one_name_are_merged() -> None:
    changes = parameters.modifications([], [("context.a", "x"), ("context.b.c", "y"), ("context.b.d", "z")])

    assert changes == {"context": {"a": "x", "b": {"c": "y", "d": "z"}}}
