"""The value of an expression. ``values`` compares the values of its parts.

Null is not true, has no order and contains nothing, without an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, assert_never

from baton import templating
from baton.expressions.reading import parse
from baton.expressions.tree import (
    Comparison,
    Connective,
    ExpressionInvalid,
    Junction,
    ListOf,
    Literal,
    Node,
    Not,
    Operand,
    Operator,
    Word,
    walk,
)
from baton.expressions.values import compare, kind_of, typed
from baton.expressions.words import resolve_stored
from baton.model import ParameterType
from baton.templating import Scope

ValueOf = Callable[[Operand], Any]

_ANY = object()  # the value of an output, before any step has run


def holds(text: str, types: Mapping[str, ParameterType], scope: Scope) -> bool:
    """Whether the expression of a plan holds. Raises ExpressionInvalid if its value is neither true nor false.

    ``types`` has the parameters that a plain word can name. ``scope`` has their values as JSON; values of the type date
    compare as dates.
    """

    def value_of(operand: Operand) -> Any:
        value = templating.value_of(operand.reference, operand.raw, scope)
        declared = types.get(operand.parameter or "")
        return value if declared is None else typed(declared, value)

    return truth(resolve_stored(parse(text), types), value_of)


def truth(node: Node, value_of: ValueOf) -> bool:
    """Whether the node is true. ExpressionInvalid if it is neither true, false nor null."""
    return _as_truth(_value(node, value_of), node)


def _as_truth(value: Any, node: Node) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        what = f"`{node.raw}`" if isinstance(node, Operand) else "this"
        raise ExpressionInvalid(f"{what} is {kind_of(value)}, not true or false", node.position)
    return value


def try_out(tree: Node, samples: Mapping[str, Any]) -> None:
    """Evaluates each part of the tree with a sample for each parameter. Raises ExpressionInvalid for an impossible
    comparison.

    Unlike ``holds``, it evaluates both sides of every ``and`` and ``or``. An output has any value that fits its place.
    """
    for node in walk(tree):
        if isinstance(node, Comparison):
            left, right = _sample(node.left, samples), _sample(node.right, samples)
            compare(node.operator, *_fitting(node.operator, left, right), node.position)
    for node in boolean_nodes(tree):
        value = _sample(node, samples)
        if value is not _ANY:
            _as_truth(value, node)


def _sample(node: Node, samples: Mapping[str, Any]) -> Any:
    """A value that the node may have; ``_ANY`` for an output."""
    match node:
        case Operand(parameter=parameter):
            return samples.get(parameter or "", _ANY)
        case ListOf(items=items):
            return [_sample(item, samples) for item in items]
        case Literal(value=value):
            return value
        case Word(text=text):
            return text
        case _:
            return True


def _fitting(operator: Operator, left: Any, right: Any) -> tuple[Any, Any]:
    """The sides of a comparison, with a value in place of ``_ANY`` that suits the other side as well as any value."""
    match operator:
        case Operator.IN | Operator.NOT_IN:
            right = [] if right is _ANY or right is None else right  # nothing is in null, without an error
            return ("" if left is _ANY else left), right
        case _:
            left = right if left is _ANY else left
            left = 0 if left is _ANY else left
            return left, (left if right is _ANY else right)


def boolean_nodes(tree: Node) -> list[Node]:
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
            return node.operator is Operator.NOT_IN
        case Comparison(operator=operator, left=left, right=right, position=position):
            return compare(operator, _value(left, value_of), _value(right, value_of), position)
        case Not(operand=operand):
            return not truth(operand, value_of)
        case Junction(operator=connective, operands=operands):
            return _junction(connective, (truth(operand, value_of) for operand in operands))


def _junction(connective: Connective, truths: Iterable[bool]) -> bool:
    match connective:
        case Connective.AND:
            return all(truths)
        case Connective.OR:
            return any(truths)
        case _:
            assert_never(connective)


def _lacks_value(comparison: Comparison, value_of: ValueOf) -> bool:
    """Whether null is a side of an order, or the container of a membership. Then the other side has no effect.

    Null may be an item of a list, so ``compare`` decides about null on the left of ``in``.
    """
    match comparison.operator:
        case Operator.EQUAL | Operator.UNEQUAL:
            return False
        case Operator.IN | Operator.NOT_IN:
            sides = [comparison.right]
        case Operator.LESS | Operator.LESS_OR_EQUAL | Operator.GREATER | Operator.GREATER_OR_EQUAL:
            sides = [comparison.left, comparison.right]
        case _:
            assert_never(comparison.operator)
    return any(isinstance(side, Literal | Operand) and _value(side, value_of) is None for side in sides)
