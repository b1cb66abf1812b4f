"""Checks of an expression before anything evaluates it."""

from __future__ import annotations

from collections.abc import Mapping

from baton.expressions import plain_words
from baton.expressions.declared import DeclaredParameter
from baton.expressions.evaluation import boolean_nodes, try_out
from baton.expressions.reading import parse
from baton.expressions.tree import Comparison, ExpressionInvalid, Literal, Node, Operand, Operator, Word, walk
from baton.expressions.values import is_date
from baton.expressions.words import resolve, spelled_out
from baton.suggestions import nearest
from baton.templating import OutputReference

_ORDERS = (Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL)


def check(text: str, parameters: Mapping[str, DeclaredParameter], *, at_launch: bool = False) -> None:
    """Raises ExpressionInvalid for a syntax error, or if the expression makes no sense with these parameters.

    ``at_launch``: the launch evaluates it, before any step has run, so it cannot read outputs.
    ``definition.references`` checks that references in braces lead to something.
    """
    parse(spelled_out(text, parameters))  # it must not become too long
    tree = parse(text)
    _references_in_quotes(tree)
    _impossible_dates(tree)
    if at_launch:
        _outputs(tree)
    _nothing_varies(tree, parameters)
    plain_words.check(tree, parameters)
    resolved = resolve(tree, parameters)
    _unknown_words(resolved, parameters)
    _useless_null(resolved, parameters)
    try_out(resolved, {name: declared.sample for name, declared in parameters.items()})


def _references_in_quotes(tree: Node) -> None:
    for node in walk(tree):
        if isinstance(node, Literal) and isinstance(node.value, str) and "{{" in node.value:
            raise ExpressionInvalid("a reference in quotes is only text; remove the quotes", node.position)


def _impossible_dates(tree: Node) -> None:
    for node in walk(tree):
        if isinstance(node, Literal) and isinstance(node.value, str) and not node.is_quoted and not is_date(node.value):
            raise ExpressionInvalid(f"there is no date `{node.value}`", node.position)


def _outputs(tree: Node) -> None:
    for node in walk(tree):
        is_output = isinstance(node, Operand) and isinstance(node.reference, OutputReference)
        if is_output or (isinstance(node, Word) and plain_words.is_output(node)):
            message = "a constraint is checked at launch, before any step has run; only `when` can read an output"
            raise ExpressionInvalid(message, node.position)


def _nothing_varies(tree: Node, parameters: Mapping[str, DeclaredParameter]) -> None:
    """Refuses a comparison of constants. Most often, one side of it is a misspelt name."""
    for node in walk(tree):
        if not isinstance(node, Comparison):
            continue
        if any(isinstance(inner, Operand) for inner in walk(resolve(node, parameters))):
            continue
        words = [inner for inner in walk(node) if isinstance(inner, Word)]
        if not words:
            raise ExpressionInvalid("this compares nothing but constants", node.position)
        if not any(map(plain_words.is_output, words)):
            meant = next((word for word in words if nearest(word.name, parameters)), words[0])
            raise _unknown(meant, parameters)


def _unknown_words(resolved: Node, parameters: Mapping[str, DeclaredParameter]) -> None:
    """Refuses words that stand for true or false and are no parameters."""
    for node in boolean_nodes(resolved):
        if isinstance(node, Word):
            if plain_words.is_output(node):
                raise plain_words.output_without_braces(node)
            raise _unknown(node, parameters)


def _useless_null(resolved: Node, parameters: Mapping[str, DeclaredParameter]) -> None:
    """Refuses a null that makes a comparison false for every value."""
    for node in walk(resolved):
        if not isinstance(node, Comparison):
            continue
        if node.operator in _ORDERS:
            for side in (node.left, node.right):
                if _is_null(side):
                    raise ExpressionInvalid("null has no order; `== null` finds it", side.position)
        elif (
            node.operator in (Operator.IN, Operator.NOT_IN) and _is_null(node.left) and _is_text(node.right, parameters)
        ):
            raise ExpressionInvalid("null is never in a string; `== null` finds it", node.left.position)


def _is_null(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is None


def _is_text(node: Node, parameters: Mapping[str, DeclaredParameter]) -> bool:
    if isinstance(node, Operand):
        declared = parameters.get(node.parameter or "")
        return declared is not None and isinstance(declared.sample, str)
    return isinstance(node, Literal | Word)


def _unknown(word: Word, parameters: Mapping[str, DeclaredParameter]) -> ExpressionInvalid:
    message = f"there is no parameter `{word.name}`"
    return ExpressionInvalid(message, word.position, nearest(word.name, parameters))
