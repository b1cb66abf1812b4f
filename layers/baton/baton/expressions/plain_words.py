"""The plain words of a comparison that are ambiguous or misspelt, and the texts that it never finds.

All of these are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from baton.expressions.declared import DeclaredParameter
from baton.expressions.tree import Comparison, ExpressionInvalid, ListOf, Literal, Node, Operand, Operator, Word, walk
from baton.expressions.values import equal, is_date, typed
from baton.expressions.words import has_braces, resolve
from baton.model import ParameterType
from baton.suggestions import nearest

_EQUALITY = (Operator.EQUAL, Operator.UNEQUAL)
_MEMBERSHIP = (Operator.IN, Operator.NOT_IN)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MIN_LIKENESS = 0.8  # from 0 to 1: that of a parameter's name with one wrong letter


def check(tree: Node, parameters: Mapping[str, DeclaredParameter]) -> None:
    """Raises ExpressionInvalid at the first word that needs braces, quotes, or another spelling, and at the first text
    that equals no value of the parameter beside it."""
    for node in walk(tree):
        if isinstance(node, Comparison):
            for place in _places(node, parameters):
                place.check()


def is_output(word: Word) -> bool:
    return word.text.startswith("steps.")


def output_without_braces(word: Word) -> ExpressionInvalid:
    return ExpressionInvalid(f"an output needs braces: write {{{{ {word.text} }}}}", word.position)


@dataclass(frozen=True, slots=True)
class _Place:
    """A word or a constant text, and its place in the comparison.

    ``depth`` is the number of lists around it. ``other`` is the name of the parameter on the other side, or "".
    """

    node: Word | Literal
    operator: Operator
    is_left: bool
    depth: int
    has_braces: bool
    other: str
    parameters: Mapping[str, DeclaredParameter]

    def check(self) -> None:
        if isinstance(self.node, Word):
            self._check_word(self.node)
        else:
            self._check_constant()

    def _check_word(self, word: Word) -> None:
        first = word.text.partition(".")[0]
        if is_output(word):
            raise output_without_braces(word)
        if word.name in self.parameters:
            self._check_parameter(word)
        elif word.name != word.text:
            raise self._unknown(word, "")
        elif first in self.parameters:
            raise self._refused(f"a parameter is used as a whole: write `{first}`")
        else:
            self._check_text(word)

    def _check_parameter(self, word: Word) -> None:
        """A parameter's name that could also be meant as text."""
        name, text = word.name, word.text
        other = self._equal_to
        if other is not None and other.enum is not None and text in other.enum:
            both = f"write `parameters.{name}` for the parameter or '{text}' for the text"
            raise self._refused(f"`{text}` is a parameter, and a value of `{self.other}`: {both}")

    def _check_text(self, word: Word) -> None:
        """A word that is no parameter. It is text, or a misspelt name if text makes no sense there."""
        if self.operator not in (*_EQUALITY, *_MEMBERSHIP):
            raise self._unknown(word)  # text seldom has an order, so it needs quotes there
        if self._is_container:
            raise self._unknown(word)
        other = self._equal_to
        if other is not None and not _is_text(other.type):
            raise self._unknown(word, f"and `{self.other}` is not text")
        if other is not None and other.enum is not None:
            self._check_enum(word.text, other)
        elif not self.has_braces and nearest(word.text, self.parameters, MIN_LIKENESS):
            raise self._unknown(word)

    def _check_constant(self) -> None:
        """A text in quotes, or a date."""
        other = self._equal_to
        if other is None or self._is_container or self.operator not in (*_EQUALITY, *_MEMBERSHIP):
            return
        if other.type is ParameterType.DATE and not is_date(self._text) and _DATE.fullmatch(self._text):
            raise self._refused(f"there is no date `{self._text}`")
        if not _is_text(other.type) and not (other.type is ParameterType.DATE and is_date(self._text)):
            kind = "text" if self._is_quoted else "a date"
            raise self._refused(f"`{self.other}` is not {kind}", nearest(self._text, self.parameters))
        self._check_enum(self._text, other)

    def _check_enum(self, text: str, other: DeclaredParameter) -> None:
        value = typed(other.type, text)
        if other.enum is not None and not any(equal(value, typed(other.type, allowed)) for allowed in other.enum):
            listed = ", ".join(f"`{value}`" for value in other.enum)
            is_list = self.parameters[self.other].item is not None
            what = f"an item of `{self.other}`" if is_list else f"`{self.other}`"
            message = f"{what} is one of {listed}, never `{text}`"
            raise self._refused(message, nearest(text, [*map(str, other.enum), *self.parameters]))

    @property
    def _text(self) -> str:
        return self.node.text if isinstance(self.node, Word) else self.node.value

    @property
    def _is_quoted(self) -> bool:
        return isinstance(self.node, Literal) and self.node.is_quoted

    @property
    def _is_container(self) -> bool:
        """Whether the other side is a part of the text."""
        return self.operator in _MEMBERSHIP and not self.is_left and not self.depth

    @property
    def _equal_to(self) -> DeclaredParameter | None:
        """The parameter, or the item of a list parameter, that the text is compared with."""
        declared = self.parameters.get(self.other)
        if declared is None:
            return None
        depth = self.depth
        if self.operator in _MEMBERSHIP:
            if self.is_left:
                return declared.item
            depth -= 1  # the list is the container
        return declared.item or declared if depth > 0 else declared

    def _unknown(self, word: Word, why: str = "and text takes quotes here") -> ExpressionInvalid:
        message = ", ".join(filter(None, [f"there is no parameter `{word.name}`", why]))
        return self._refused(message, nearest(word.name, self.parameters))

    def _refused(self, message: str, suggestion: str | None = None) -> ExpressionInvalid:
        return ExpressionInvalid(message, self.node.position, suggestion)


def _is_text(declared: ParameterType) -> bool:
    match declared:
        case ParameterType.STRING:
            return True
        case (
            ParameterType.NUMBER
            | ParameterType.INTEGER
            | ParameterType.BOOLEAN
            | ParameterType.DATE
            | ParameterType.STRINGS
            | ParameterType.NUMBERS
            | ParameterType.OBJECT
        ):
            return False
        case _:
            assert_never(declared)


def _places(comparison: Comparison, parameters: Mapping[str, DeclaredParameter]) -> Iterator[_Place]:
    resolved = resolve(comparison, parameters)
    assert isinstance(resolved, Comparison)
    in_braces = has_braces(comparison)
    for is_left, side, other in ((True, comparison.left, resolved.right), (False, comparison.right, resolved.left)):
        name = (other.parameter or "") if isinstance(other, Operand) else ""
        for node, depth in _texts(side):
            yield _Place(node, comparison.operator, is_left, depth, in_braces, name, parameters)


def _texts(side: Node, depth: int = 0) -> Iterator[tuple[Word | Literal, int]]:
    """The words and texts of the comparison itself, without those of a comparison inside it, each with its depth."""
    if isinstance(side, Word) or (isinstance(side, Literal) and isinstance(side.value, str)):
        yield side, depth
    elif isinstance(side, ListOf):
        for item in side.items:
            yield from _texts(item, depth + 1)
