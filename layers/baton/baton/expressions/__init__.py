"""The questions of a definition: its constraints and every ``when``, such as ``grouping in [week, month]``.

An expression has comparisons (``== != < <= > >=``), membership (``in``, ``not in``), ``and``, ``or``, ``not`` and
parentheses. Its operands are parameters, outputs in braces, numbers, text, dates, ``true``, ``false``, ``null`` and
lists. Nothing is executed. ``reading`` turns the text into the nodes of ``tree``, ``words`` says which plain words are
parameters, ``evaluation`` walks the tree, and ``checking`` says what is wrong with it before anything runs.
``docs/expressions.md`` is the page for authors.
"""

from __future__ import annotations

from collections.abc import Collection

from baton.expressions.evaluation import equal, holds
from baton.expressions.reading import parse
from baton.expressions.tree import ExpressionInvalid, Operand, walk
from baton.expressions.words import resolve

__all__ = ["ExpressionInvalid", "Operand", "equal", "holds", "operands", "parameters_of"]


def operands(text: str, parameters: Collection[str]) -> tuple[Operand, ...]:
    """The parameters and outputs that the expression reads, in its order; ExpressionInvalid if it cannot be read."""
    return tuple(node for node in walk(resolve(parse(text), parameters)) if isinstance(node, Operand))


def parameters_of(text: str, parameters: Collection[str]) -> frozenset[str]:
    """Those of these ``parameters`` that the expression reads."""
    return frozenset(one.parameter for one in operands(text, parameters) if one.parameter is not None)
