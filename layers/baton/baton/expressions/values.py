"""The values of expressions: their kinds, and their comparison.

Values keep their type: ``1`` is neither ``"1"`` nor ``true``. A date compares with dates and with text that is an ISO
date. Any other order of values of two kinds is an error.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, assert_never

from baton.expressions.tree import ExpressionInvalid, Operator
from baton.model import ParameterType


def typed(declared: ParameterType, value: Any) -> Any:
    """A parameter's value for expressions: a ``datetime.date`` for the type date."""
    match declared:
        case ParameterType.DATE:
            return _as_date(value) if isinstance(value, str) else value
        case (
            ParameterType.STRING
            | ParameterType.NUMBER
            | ParameterType.INTEGER
            | ParameterType.BOOLEAN
            | ParameterType.STRINGS
            | ParameterType.NUMBERS
            | ParameterType.OBJECT
        ):
            return value
        case _:
            assert_never(declared)


def compare(operator: Operator, left: Any, right: Any, position: int) -> bool:
    """The truth of a comparison. Raises ExpressionInvalid, with the position, for values without an order."""
    match operator:
        case Operator.EQUAL:
            return equal(left, right)
        case Operator.UNEQUAL:
            return not equal(left, right)
        case Operator.IN:
            return _contains(right, left, position)
        case Operator.NOT_IN:
            return not _contains(right, left, position)
    left, right = _ordered(left, right, position)
    match operator:
        case Operator.LESS:
            return bool(left < right)
        case Operator.LESS_OR_EQUAL:
            return bool(left <= right)
        case Operator.GREATER:
            return bool(left > right)
        case Operator.GREATER_OR_EQUAL:
            return bool(left >= right)
        case _:
            assert_never(operator)


def equal(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same: ``1`` equals ``1.0``, but neither ``"1"`` nor ``true``."""
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(equal(one, other) for one, other in zip(left, right, strict=True))
    left, right = _in_one_type(left, right)
    return kind_of(left) == kind_of(right) and bool(left == right)


def _contains(container: Any, item: Any, position: int) -> bool:
    if isinstance(container, list | tuple):
        if isinstance(item, str):  # a list may be long, and Python finds a text many times faster
            return item in container or any(isinstance(member, date) and equal(item, member) for member in container)
        return any(equal(item, member) for member in container)
    if not isinstance(container, str):
        raise ExpressionInvalid(f"`in` needs a list on its right, not {kind_of(container)}", position)
    if item is None:
        return False
    if not isinstance(item, str):
        raise ExpressionInvalid(f"{kind_of(item)} is never in a string", position)
    return item in container


def _ordered(left: Any, right: Any, position: int) -> tuple[Any, Any]:
    left, right = _in_one_type(left, right)
    if kind_of(left) != kind_of(right) or kind_of(left) not in ("a number", "a string", "a date"):
        raise ExpressionInvalid(f"{kind_of(left)} and {kind_of(right)} have no order", position)
    return left, right


def _in_one_type(left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides in one type: a string beside a date becomes a date, a float the decimal with its digits."""
    if isinstance(left, date) and isinstance(right, str):
        right = _as_date(right)
    if isinstance(right, date) and isinstance(left, str):
        left = _as_date(left)
    return _exact(left), _exact(right)


def _exact(value: Any) -> Any:
    return Decimal(repr(value)) if isinstance(value, float) else value


def _as_date(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def is_date(text: str) -> bool:
    """Whether expressions compare the text with dates."""
    return isinstance(_as_date(text), date)


def kind_of(value: Any) -> str:
    """The kind of a value, in the words of messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float() | Decimal():
            return "a number"
        case str():
            return "a string"
        case date():
            return "a date"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"
