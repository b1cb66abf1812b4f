"""An expression as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from baton import templating
from baton.errors import BatonError


class ExpressionInvalid(BatonError):
    """The expression has a syntax error, an unknown name, or an impossible comparison.

    ``position`` is the offset in the expression, from 0; ``suggestion`` is the word that the author probably meant.
    """

    def __init__(self, message: str, position: int = 0, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.position = position
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. A date is the string of its text, as in JSON; only ``is_quoted`` distinguishes it from text in
    quotes."""

    value: Any
    position: int
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word without quotes and braces. If it names no parameter (see ``words``), it is text."""

    text: str
    position: int

    @property
    def name(self) -> str:
        """The name of the parameter, if it is one: ``x`` for ``parameters.x``."""
        return self.text.removeprefix("parameters.")


@dataclass(frozen=True, slots=True)
class Operand:
    """A parameter or an output of a step. ``raw`` is its text, with the braces if it has them."""

    reference: templating.Reference
    raw: str
    position: int

    @property
    def parameter(self) -> str | None:
        """The name of the parameter; None for an output, and for a field, because parameters have no fields."""
        reference = self.reference
        return reference.name if isinstance(reference, templating.NameReference) and not reference.fields else None


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]
    position: int


class Operator(StrEnum):
    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    IN = "in"
    NOT_IN = "not in"


class Connective(StrEnum):
    AND = "and"
    OR = "or"


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: Operator
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

    operator: Connective
    operands: tuple[Node, ...]
    position: int


Node = Literal | Word | Operand | ListOf | Comparison | Not | Junction


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
