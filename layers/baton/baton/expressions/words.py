"""What the plain words of an expression stand for.

A word that names a parameter is that parameter, and any other word is text: ``grouping in [week, month]``. A plan has
its expressions spelled out: beside a reference in braces, a parameter has braces, too. So the words of a stored
comparison with braces are all text. That keeps the meaning of plans from the time when only braces made a parameter.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from baton.expressions.reading import parse
from baton.expressions.tree import Comparison, Junction, ListOf, Node, Not, Operand, Word, walk
from baton.templating import NameReference


def resolve(node: Node, parameters: Collection[str]) -> Node:
    """The tree with operands for the words that are parameters. The words that are left are text."""
    return _resolved(node, parameters, parameters, stored=False)


def resolve_stored(node: Node, parameters: Collection[str]) -> Node:
    """The same of an expression of a plan."""
    return _resolved(node, parameters, parameters, stored=True)


def spelled_out(text: str, parameters: Collection[str]) -> str:
    """The expression as a plan has it. ExpressionInvalid if it cannot be read."""
    braces = [
        word
        for comparison in walk(parse(text))
        if isinstance(comparison, Comparison) and has_braces(comparison)
        for word in walk(comparison)
        if isinstance(word, Word) and word.name in parameters
    ]
    for position, word in sorted({word.position: word for word in braces}.items(), reverse=True):
        text = f"{text[:position]}{{{{ {word.text} }}}}{text[position + len(word.text) :]}"
    return text


def has_braces(comparison: Comparison) -> bool:
    """Whether a reference in braces is compared, in a tree as it was parsed."""
    return any(isinstance(node, Operand) for node in walk(comparison))


def _resolved(node: Node, names: Collection[str], parameters: Collection[str], *, stored: bool) -> Node:
    """``names`` are those that a word may have here: none in a stored comparison with braces, else ``parameters``."""
    match node:
        case Word(text=text, name=name, position=position):
            return Operand(NameReference(name, is_parameter=True), text, position) if name in names else node
        case ListOf(items=items):
            return replace(node, items=tuple(_resolved(item, names, parameters, stored=stored) for item in items))
        case Comparison():
            inside = () if stored and has_braces(node) else parameters
            left, right = (_resolved(side, inside, parameters, stored=stored) for side in (node.left, node.right))
            return replace(node, left=left, right=right)
        case Not():
            return replace(node, operand=_resolved(node.operand, parameters, parameters, stored=stored))
        case Junction(operands=operands):
            parts = tuple(_resolved(operand, parameters, parameters, stored=stored) for operand in operands)
            return replace(node, operands=parts)
        case _:
            return node
