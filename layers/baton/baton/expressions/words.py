"""What the plain words of an expression stand for.

A word that names a parameter is that parameter, and any other word is text: ``grouping in [week, month]``. A comparison
that has a reference in braces is the exception. All its plain words are text, whatever parameters there are. So
``{{ grouping }} == month`` means the same in every definition, and ``checking`` refuses the words that somebody could
take for the parameter.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from baton.expressions.tree import Comparison, Junction, ListOf, Node, Not, Operand, Word, walk
from baton.templating import NameReference


def resolve(node: Node, parameters: Collection[str]) -> Node:
    """The tree with operands for the words that are parameters. The words that are left are text."""
    return _resolved(node, parameters, parameters)


def has_braces(comparison: Comparison) -> bool:
    """Whether a reference in braces is compared, in a tree as it was parsed."""
    return any(isinstance(node, Operand) for node in walk(comparison))


def _resolved(node: Node, names: Collection[str], parameters: Collection[str]) -> Node:
    """``names`` are those that a word may have here: none in a comparison with braces, otherwise ``parameters``."""
    match node:
        case Word(text=text, name=name, position=position):
            return Operand(NameReference(name, is_parameter=True), text, position) if name in names else node
        case ListOf():
            return replace(node, items=tuple(_resolved(item, names, parameters) for item in node.items))
        case Comparison():
            inside = () if has_braces(node) else parameters
            left, right = (_resolved(side, inside, parameters) for side in (node.left, node.right))
            return replace(node, left=left, right=right)
        case Not():
            return replace(node, operand=_resolved(node.operand, parameters, parameters))
        case Junction():
            parts = tuple(_resolved(operand, parameters, parameters) for operand in node.operands)
            return replace(node, operands=parts)
        case _:
            return node
