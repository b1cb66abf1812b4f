"""The client's JSON and the API's: both keep digits and write the same text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton import exact_json as api_json
from baton_client import exact_json

numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_the_client_writes_the_same_json_as_the_api_and_reads_it_back(value: Any) -> None:
    text = exact_json.dumps(value)
    assert text == api_json.dumps(value)
    assert exact_json.loads(text) == api_json.loads(text) == value


def test_a_decimal_keeps_its_last_zero() -> None:
    assert exact_json.dumps(exact_json.loads('{"a":[1.10,1e400,12345678901234567890.5]}')) == (
        '{"a":[1.10,1E+400,12345678901234567890.5]}'
    )


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan")])
def test_nan_and_infinity_are_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        exact_json.dumps({"a": value})


@pytest.mark.parametrize("value", [object(), {1: "a"}, {"a": {1, 2}}])
def test_values_without_a_json_form_are_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        exact_json.dumps(value)


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "1e99999999999999999999"])
def test_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        exact_json.loads(text)
