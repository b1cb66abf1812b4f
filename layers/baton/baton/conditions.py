"""Conditions: a step's ``when``, such as ``{{ steps.count.rows }} > 0 and {{ grouping }} in [week, month]``.

The language of ``expressions`` with references in braces as operands; a plain word is a string. What a skipped step
left out or a launch did not give is null, and a null decides nothing: it is not true, has no order, contains nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from baton import parameters, templating
from baton.expressions.evaluation import truth, try_out_tree
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
from baton.templating import Placeholder, Scope


def holds(when: str, parameter_types: Mapping[str, str], scope: Scope) -> bool:
    """Whether the condition holds; ExpressionInvalid if it compares what cannot be compared.

    ``scope`` has the parameters as JSON; those whose type is date are compared as dates.
    """
    typed = replace(scope, parameters={**scope.parameters, **parameters.typed(parameter_types, scope.parameters)})
    return truth(_filled(parse(when), lambda operand: templating.look_up(operand, typed)), when, {})


def operands(when: str) -> tuple[Placeholder, ...]:
    """The references of a condition, in its order; ExpressionInvalid if it cannot be read."""
    return tuple(_placeholder(node) for node in walk(parse(when)) if isinstance(node, Reference))


def check(when: str) -> None:
    """ExpressionInvalid if the condition cannot be read, or asks what does not depend on anything."""
    node = parse(when)
    for part in walk(node):
        if isinstance(part, Literal) and isinstance(part.value, str) and "{{" in part.value:
            raise ExpressionInvalid("a reference stands without quotes, or it is only text", part.position)
    for part in walk(node):
        if isinstance(part, Comparison) and not any(isinstance(inner, Reference) for inner in walk(part)):
            word = next((inner.name for inner in walk(part) if isinstance(inner, Name)), "name")
            raise ExpressionInvalid(
                f"this compares nothing but constants; did you mean {{{{ {word} }}}}?", part.position
            )
    for part in _questions(node):
        if isinstance(part, Name):
            raise ExpressionInvalid(
                f"`{part.name}` is a plain word; a reference is {{{{ {part.name} }}}}", part.position
            )


def try_out(when: str, sample: Callable[[Placeholder], Any]) -> None:
    """ExpressionInvalid if a part of the condition compares what cannot be compared, with a sample for each operand."""
    try_out_tree(_filled(parse(when), sample), when, {})


def _filled(node: Node, value: Callable[[Placeholder], Any], *, asks: bool = True) -> Node:
    """The tree with values for references and words. ``asks``: the node stands where true or false is expected."""
    match node:
        case Reference():
            found = value(_placeholder(node))
            return Literal(False if found is None and asks else found, node.position)
        case Name():
            return Literal(node.name, node.position)
        case ListOf():
            return replace(node, items=tuple(_filled(item, value, asks=False) for item in node.items))
        case Comparison():
            return _comparison(node, value)
        case Not():
            return replace(node, operand=_filled(node.operand, value))
        case Junction():
            return replace(node, operands=tuple(_filled(operand, value) for operand in node.operands))
        case _:
            return node


def _comparison(node: Comparison, value: Callable[[Placeholder], Any]) -> Node:
    left, right = _filled(node.left, value, asks=False), _filled(node.right, value, asks=False)
    sides = {"==": (), "!=": (), "in": (right,), "not in": (right,)}.get(node.operator, (left, right))
    if any(isinstance(side, Literal) and side.value is None for side in sides):
        return Literal(node.operator == "not in", node.position)
    return replace(node, left=left, right=right)


def _questions(node: Node) -> Iterator[Node]:
    """The nodes that stand where true or false is expected."""
    match node:
        case Not(operand=operand):
            yield from _questions(operand)
        case Junction(operands=parts):
            for part in parts:
                yield from _questions(part)
        case _:
            yield node


def _placeholder(node: Reference) -> Placeholder:
    return Placeholder((), node.raw, node.raw[2:-2].strip())
