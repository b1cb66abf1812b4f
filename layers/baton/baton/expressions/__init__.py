"""The expressions of a definition: its constraints and every ``when``, such as ``grouping in [week, month]``.

An expression has comparisons (``== != < <= > >=``), membership (``in``, ``not in``), ``and``, ``or``, ``not`` and
parentheses. Its operands are parameters, outputs in braces, numbers, text, dates, ``true``, ``false``, ``null`` and
lists. ``reading`` turns the text into the nodes of ``tree``, ``words`` finds the plain words that are parameters,
``evaluation`` computes the value, ``values`` compares values, and ``checking`` finds problems before anything runs.
``docs/expressions.md`` is the page for authors.
"""

from __future__ import annotations

from collections.abc import Collection

from baton.expressions.evaluation import holds
from baton.expressions.reading import parse
from baton.expressions.tree import ExpressionInvalid, Literal, Operand, walk
from baton.expressions.values import equal
from baton.expressions.words import resolve, resolve_stored, spelled_out

__all__ = ["ExpressionInvalid", "Operand", "equal", "has_null", "holds", "operands", "parameters_of", "spelled_out"]


def operands(text: str, parameters: Collection[str]) -> tuple[Operand, ...]:
    """The parameters and outputs in the expression, in its order. Raises ExpressionInvalid for a syntax error."""
    return tuple(node for node in walk(resolve(parse(text), parameters)) if isinstance(node, Operand))


def parameters_of(text: str, parameters: Collection[str]) -> frozenset[str]:
    """The parameters in the expression of a plan."""
    names = (node.parameter for node in walk(resolve_stored(parse(text), parameters)) if isinstance(node, Operand))
    return frozenset(name for name in names if name is not None)


def has_null(text: str) -> bool:
    """Whether the expression has the constant ``null``. ``'null'`` in quotes is text."""
    return any(isinstance(node, Literal) and node.value is None for node in walk(parse(text)))
