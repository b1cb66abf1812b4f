"""JSON whose decimals stay decimals."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton import exact_json

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda items: st.lists(items, max_size=4) | st.dictionaries(st.text(), items, max_size=4),
    max_leaves=20,
)


@given(values)
def test_a_written_value_is_read_back(value: object) -> None:
    assert exact_json.loads(exact_json.dumps(value)) == value


@given(values)
def test_a_value_has_the_same_text_beside_a_decimal(value: object) -> None:
    assert exact_json.dumps([value, Decimal("1.10")]) == f"[{exact_json.dumps(value)},1.10]"


@pytest.mark.parametrize("digits", ["1.10", "-0.005", "123456789012345678901234567890.123", "1E+400"])
def test_a_decimal_keeps_its_digits(digits: str) -> None:
    assert exact_json.dumps(exact_json.loads(digits)) == digits


def test_ids_dates_and_moments_have_a_form() -> None:
    moment = datetime(2024, 7, 1, 14, tzinfo=timezone(timedelta(hours=2)))

    written = exact_json.dumps({"id": UUID(int=1), "day": date(2024, 7, 1), "at": moment})

    assert json.loads(written) == {"id": str(UUID(int=1)), "day": "2024-07-01", "at": "2024-07-01T12:00:00Z"}
    assert exact_json.iso(datetime(2024, 7, 1, tzinfo=UTC)) == "2024-07-01T00:00:00Z"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_nan_and_infinity_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="JSON"):
        exact_json.dumps(value)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "-Infinity", "", "{'a': 1}", "[1e99999999999999999999]"])
def test_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|exponent"):
        exact_json.loads(text)


def test_a_fingerprint_depends_on_the_value_and_not_on_the_order_of_names() -> None:
    first = exact_json.fingerprint({"a": {"x": 1, "y": [1, {"m": 1, "n": 2}]}, "b": "2"})
    assert exact_json.fingerprint({"b": "2", "a": {"y": [1, {"n": 2, "m": 1}], "x": 1}}) == first
    assert exact_json.fingerprint({"b": 2, "a": {"y": [1, {"n": 2, "m": 1}], "x": 1}}) != first
    assert exact_json.fingerprint([1, 2]) != exact_json.fingerprint([2, 1])


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(lambda number: number != 0)


@given(st.recursive(NUMBERS | st.text() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_the_stored_bytes_count_every_digit_of_a_number(value: object) -> None:
    def with_all_digits(item: object) -> str:
        match item:
            case Decimal():
                return format(item, "f")
            case dict():
                return "{" + ",".join(f"{exact_json.dumps(k)}:{with_all_digits(v)}" for k, v in item.items()) + "}"
            case list():
                return "[" + ",".join(map(with_all_digits, item)) + "]"
            case _:
                return exact_json.dumps(item)

    assert exact_json.stored_bytes(value) == len(with_all_digits(value).encode())


def test_the_stored_bytes_of_a_huge_exponent_are_computed() -> None:
    assert exact_json.stored_bytes([Decimal("1E+999999"), Decimal("1E-999999")]) == 1_000_000 + 1_000_001 + 3
