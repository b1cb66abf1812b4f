"""What a rule gives for some values.

Values keep their type: ``1`` is not ``"1"`` and not ``true``. A ``datetime.date`` compares with dates and with strings
that are ISO dates. Comparing what has no order is an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from baton.expressions.reading import parse
from baton.expressions.tree import (
    Comparison,
    ExpressionInvalid,
    Junction,
    ListOf,
    Literal,
    Name,
    Node,
    Not,
    Reference,
    walk,
)
from baton.suggestions import nearest


def check(rule: str, allowed_names: Collection[str]) -> None:
    """ExpressionInvalid if the rule cannot be read or uses a name that is not allowed."""
    for node in walk(parse(rule)):
        if isinstance(node, Reference):
            raise _braces(node)
        if isinstance(node, Name) and node.name not in allowed_names:
            raise _unknown(node.name, node.position, allowed_names)


def names(rule: str) -> frozenset[str]:
    """The names that the rule reads."""
    return frozenset(node.name for node in walk(parse(rule)) if isinstance(node, Name))


def evaluate(rule: str, names: Mapping[str, Any]) -> bool:
    """Whether the rule holds for these values; ExpressionInvalid if it is not a yes-or-no question about them."""
    return truth(parse(rule), rule, names)


def truth(node: Node, rule: str, names: Mapping[str, Any]) -> bool:
    """``evaluate`` for a rule that is a tree already."""
    value = _value(node, names)
    if not isinstance(value, bool):
        raise ExpressionInvalid(f"the rule `{rule}` gives {_kind(value)}, not true or false", node.position)
    return value


def try_out(rule: str, samples: Mapping[str, Any]) -> None:
    """ExpressionInvalid if a part of the rule compares what cannot be compared, with a sample value for every name.

    Unlike ``evaluate`` this also looks at what ``and`` and ``or`` would not get to.
    """
    try_out_tree(parse(rule), rule, samples)


def try_out_tree(tree: Node, rule: str, samples: Mapping[str, Any]) -> None:
    """``try_out`` for a rule that is a tree already."""
    for node in walk(tree):
        _value(node, samples)
    truth(tree, rule, samples)


def _braces(node: Reference) -> ExpressionInvalid:
    name = node.raw.strip("{} ")
    return ExpressionInvalid(f"a rule names parameters without braces: write `{name}`", node.position)


def _unknown(name: str, position: int, known: Collection[str]) -> ExpressionInvalid:
    return ExpressionInvalid(f"there is no `{name}`", position, nearest(name, known))


def _value(node: Node, names: Mapping[str, Any]) -> Any:
    match node:
        case Literal(value=value):
            return value
        case Name(name=name, position=position):
            if name not in names:
                raise _unknown(name, position, names)
            return names[name]
        case Reference():
            raise _braces(node)
        case ListOf(items=items):
            return [_value(item, names) for item in items]
        case Comparison(operator=operator, left=left, right=right, position=position):
            return _compare(operator, _value(left, names), _value(right, names), position)
        case Not(operand=operand):
            return not _truth(operand, names)
        case Junction(operator="and", operands=operands):
            return all(_truth(operand, names) for operand in operands)
        case Junction(operands=operands):
            return any(_truth(operand, names) for operand in operands)


def _truth(node: Node, names: Mapping[str, Any]) -> bool:
    value = _value(node, names)
    if not isinstance(value, bool):
        raise ExpressionInvalid(f"`and`, `or` and `not` take true or false, not {_kind(value)}", node.position)
    return value


def _compare(operator: str, left: Any, right: Any, position: int) -> bool:
    match operator:
        case "==":
            return equal(left, right)
        case "!=":
            return not equal(left, right)
        case "in":
            return _contains(right, left, position)
        case "not in":
            return not _contains(right, left, position)
    left, right = _ordered(left, right, position)
    match operator:
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def equal(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same: ``1`` equals ``1.0``, but neither ``"1"`` nor ``true``."""
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(equal(one, other) for one, other in zip(left, right, strict=True))
    left, right = _alike(left, right)
    return _kind(left) == _kind(right) and bool(left == right)


def _contains(container: Any, item: Any, position: int) -> bool:
    if isinstance(container, list | tuple):
        return any(equal(item, member) for member in container)
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    raise ExpressionInvalid(f"`in` needs a list on its right, not {_kind(container)}", position)


def _ordered(left: Any, right: Any, position: int) -> tuple[Any, Any]:
    left, right = _alike(left, right)
    if _kind(left) != _kind(right) or _kind(left) not in ("a number", "a string", "a date"):
        raise ExpressionInvalid(f"{_kind(left)} and {_kind(right)} have no order", position)
    return left, right


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides in one type: a string beside a date is read as a date, floats as the decimals they were written as."""
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


def _kind(value: Any) -> str:
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
