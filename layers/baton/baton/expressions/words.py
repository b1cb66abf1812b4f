"""The meaning of the plain words of an expression.

A word that names a parameter is that parameter; any other word is text: ``grouping in [week, month]``. In the
expressions of a plan, a parameter beside a reference in braces has braces, too (``spelled_out``). So in a stored
comparison with braces, all words are text. This keeps the meaning of old plans, in which only names in braces were
parameters.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from baton.expressions.reading import parse
from baton.expressions.tree import Comparison, Junction, ListOf, Node, Not, Operand, Word, walk
from baton.templating import NameReference


def resolve(node: Node, parameters: Collection[str]) -> Node:
    """The tree of an author's expression, with operands for the words that are parameters. All other words are text."""
    return _resolved(node, parameters, parameters, stored=False)


def resolve_stored(node: Node, parameters: Collection[str]) -> Node:
    """The tree of a plan's expression, with operands for the words that are parameters."""
    return _resolved(node, parameters, parameters, stored=True)


def spelled_out(text: str, parameters: Collection[str]) -> str:
    """The expression for a plan: with braces around parameters beside a reference in braces."""
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
    """Whether the comparison has a reference in braces. It must come from ``parse``, without resolved words."""
    return any(isinstance(node, Operand) for node in walk(comparison))


def _resolved(node: Node, names: Collection[str], parameters: Collection[str], *, stored: bool) -> Node:
    """``names`` are the parameters that a word can name here: none in a stored comparison with braces, else all."""
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
