"""The value of an expression.

Values keep their type: ``1`` is neither ``"1"`` nor ``true``. A date compares with dates and with text that is an ISO
date. Null is not true, has no order and contains nothing, without an error. Any other comparison of values without an
order is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from baton import templating
from baton.expressions.reading import parse
from baton.expressions.tree import (
    Comparison,
    ExpressionInvalid,
    Junction,
    ListOf,
    Literal,
    Node,
    Not,
    Operand,
    Word,
    walk,
)
from baton.expressions.words import resolve_stored
from baton.templating import Scope

ValueOf = Callable[[Operand], Any]


def holds(text: str, types: Mapping[str, str], scope: Scope) -> bool:
    """Whether the expression of a plan holds. Raises ExpressionInvalid if its value is neither true nor false.

    ``types`` has the parameters that a plain word can name. ``scope`` has their values as JSON; values of the type date
    compare as dates.
    """

    def value_of(operand: Operand) -> Any:
        value = templating.value_of(operand.reference, operand.raw, scope)
        return typed(types.get(operand.parameter or ""), value)

    return truth(resolve_stored(parse(text), types), value_of)


def typed(type_name: str | None, value: Any) -> Any:
    """A parameter's value for expressions: a ``datetime.date`` for the type date."""
    return _as_date(value) if type_name == "date" and isinstance(value, str) else value


def truth(node: Node, value_of: ValueOf) -> bool:
    """Whether the node is true. ExpressionInvalid if it is neither true, false nor null."""
    value = _value(node, value_of)
    if value is None:
        return False
    if not isinstance(value, bool):
        what = f"`{node.raw}`" if isinstance(node, Operand) else "this"
        raise ExpressionInvalid(f"{what} is {_kind(value)}, not true or false", node.position)
    return value


def try_out(tree: Node, samples: Mapping[str, Any]) -> None:
    """Evaluates each part of the tree with a sample for each parameter. Raises ExpressionInvalid for an impossible
    comparison.

    Unlike ``holds``, it evaluates both sides of every ``and`` and ``or``. It leaves out parts that read outputs,
    because their values are unknown.
    """

    def is_known(node: Node) -> bool:
        return all(one.parameter in samples for one in walk(node) if isinstance(one, Operand))

    def value_of(operand: Operand) -> Any:
        return samples[operand.parameter or ""]

    for node in walk(tree):
        if isinstance(node, Comparison) and is_known(node):
            _value(node, value_of)
    for node in questions(tree):
        if is_known(node):
            truth(node, value_of)


def questions(tree: Node) -> list[Node]:
    """The nodes whose value must be true or false, the whole tree first."""
    nodes = [tree]
    for node in walk(tree):
        match node:
            case Not(operand=operand):
                nodes.append(operand)
            case Junction(operands=operands):
                nodes.extend(operands)
    return nodes


def _value(node: Node, value_of: ValueOf) -> Any:
    match node:
        case Literal(value=value):
            return value
        case Word(text=text):
            return text
        case Operand():
            return value_of(node)
        case ListOf(items=items):
            return [_value(item, value_of) for item in items]
        case Comparison() if _lacks_value(node, value_of):
            return node.operator == "not in"
        case Comparison(operator=operator, left=left, right=right, position=position):
            return _compare(operator, _value(left, value_of), _value(right, value_of), position)
        case Not(operand=operand):
            return not truth(operand, value_of)
        case Junction(operator="and", operands=operands):
            return all(truth(operand, value_of) for operand in operands)
        case Junction(operands=operands):
            return any(truth(operand, value_of) for operand in operands)


def _lacks_value(comparison: Comparison, value_of: ValueOf) -> bool:
    """Whether null is a side of an order, or the container of a membership. Then the other side has no effect."""
    match comparison.operator:
        case "==" | "!=":
            return False
        case "in" | "not in":
            sides = [comparison.right]
        case _:
            sides = [comparison.left, comparison.right]
    return any(isinstance(side, Literal | Operand) and _value(side, value_of) is None for side in sides)


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
