"""The evaluation of the two earlier dialects of constraints and conditions, from before the common language.

In a constraint every word was a parameter and braces were refused; in a condition every word was text and every
comparison had a reference in braces. The record has definitions and plans of that time. The grammar has not changed, so
both read the same tree; this walks it as the earlier evaluators did. None is an expression that was refused, or failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
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
from baton.expressions.values import compare
from baton.templating import Scope

Types = Mapping[str, str]


def constraint_holds(rule: str, types: Types, values: Mapping[str, Any]) -> bool | None:
    try:
        tree = parse(rule)
    except ExpressionInvalid:
        return None
    words = {node.text for node in walk(tree) if isinstance(node, Word)}
    if not words <= types.keys() or any(isinstance(node, Operand) for node in walk(tree)):
        return None
    if any(values[word] is None for word in words) and not _has_null(tree):
        return True
    dated = _dated(types, values)
    return _answer(_replaced(tree, lambda node: dated[node.text] if isinstance(node, Word) else None))


def _has_null(tree: Node) -> bool:
    """The earlier evaluator looked for the word in the text. So a quoted ``null`` counted, too, by mistake."""
    return any(isinstance(node, Literal) and node.value is None for node in walk(tree))


def condition_holds(when: str, types: Types, scope: Scope) -> bool | None:
    try:
        tree = parse(when)
    except ExpressionInvalid:
        return None
    comparisons = [node for node in walk(tree) if isinstance(node, Comparison)]
    if any(not any(isinstance(inner, Operand) for inner in walk(one)) for one in comparisons):
        return None
    if any(isinstance(node, Word) for node in _questions(tree)):
        return None
    dated = replace(scope, parameters=_dated(types, scope.parameters))

    def value(node: Word | Operand) -> Any:
        return node.text if isinstance(node, Word) else templating.value_of(node.reference, node.raw, dated)

    return _answer(_nulls_decided(_replaced(tree, value), asks=True))


def _dated(types: Types, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if types.get(name) == "date" and value is not None else value
        for name, value in values.items()
    }


def _replaced(node: Node, value: Callable[[Word | Operand], Any]) -> Node:
    """The tree with literals for words and references."""
    match node:
        case Word() | Operand():
            return Literal(value(node), node.position)
        case ListOf():
            return replace(node, items=tuple(_replaced(item, value) for item in node.items))
        case Comparison():
            return replace(node, left=_replaced(node.left, value), right=_replaced(node.right, value))
        case Not():
            return replace(node, operand=_replaced(node.operand, value))
        case Junction():
            return replace(node, operands=tuple(_replaced(one, value) for one in node.operands))
        case _:
            return node


def _nulls_decided(node: Node, *, asks: bool) -> Node:
    """Null in a condition was false, by itself and in comparisons."""
    match node:
        case Literal(value=None) if asks:
            return Literal(False, node.position)
        case Comparison(operator=operator):
            left, right = (_nulls_decided(side, asks=False) for side in (node.left, node.right))
            sides: tuple[Node, ...] = (left, right)
            sides = () if operator in ("==", "!=") else (right,) if operator in ("in", "not in") else sides
            if any(isinstance(side, Literal) and side.value is None for side in sides):
                return Literal(operator == "not in", node.position)
            return replace(node, left=left, right=right)
        case ListOf():
            return replace(node, items=tuple(_nulls_decided(item, asks=False) for item in node.items))
        case Not():
            return replace(node, operand=_nulls_decided(node.operand, asks=True))
        case Junction():
            return replace(node, operands=tuple(_nulls_decided(one, asks=True) for one in node.operands))
        case _:
            return node


def _answer(node: Node) -> bool | None:
    try:
        return _truth(node)
    except ExpressionInvalid:
        return None


def _truth(node: Node) -> bool:
    value = _value(node)
    if not isinstance(value, bool):
        raise ExpressionInvalid("not true or false")
    return value


def _value(node: Node) -> Any:
    match node:
        case Literal():
            return node.value
        case ListOf():
            return [_value(item) for item in node.items]
        case Comparison():
            return compare(node.operator, _value(node.left), _value(node.right), node.position)
        case Not():
            return not _truth(node.operand)
        case Junction(operator="and"):
            return all(_truth(one) for one in node.operands)
        case Junction():
            return any(_truth(one) for one in node.operands)
        case _:
            raise AssertionError(node)


def _questions(node: Node) -> Iterator[Node]:
    match node:
        case Not():
            yield from _questions(node.operand)
        case Junction():
            for one in node.operands:
                yield from _questions(one)
        case _:
            yield node
