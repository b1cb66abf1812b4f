"""A rule as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from baton.errors import BatonError


class ExpressionInvalid(BatonError):
    """The rule cannot be read, names something unknown, or compares what cannot be compared.

    ``position`` is the offset in the rule, from 0; ``suggestion`` is the name that was probably meant.
    """

    def __init__(self, message: str, position: int = 0, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.position = position
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any
    position: int


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Reference:
    """``{{ … }}``: the operand of a condition. ``raw`` is as it is written, with its braces."""

    raw: str
    position: int


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str
    left: Node
    right: Node
    position: int


@dataclass(frozen=True, slots=True)
class Not:
    operand: Node
    position: int


@dataclass(frozen=True, slots=True)
class Junction:
    """``and`` or ``or`` of two or more operands."""

    operator: str
    operands: tuple[Node, ...]
    position: int


Node = Literal | Name | Reference | ListOf | Comparison | Not | Junction


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    match node:
        case ListOf(items=children) | Junction(operands=children):
            for child in children:
                yield from walk(child)
        case Comparison(left=left, right=right):
            yield from walk(left)
            yield from walk(right)
        case Not(operand=operand):
            yield from walk(operand)
