"""The plain words of a comparison that are ambiguous or misspelt, and so are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from baton.expressions.declared import DeclaredParameter
from baton.expressions.tree import Comparison, ExpressionInvalid, ListOf, Node, Operand, Word, walk
from baton.expressions.words import has_braces, resolve
from baton.suggestions import nearest

_MEMBERSHIP = ("in", "not in")
MIN_LIKENESS = 0.8  # from 0 to 1: that of a parameter's name with one wrong letter


def check(tree: Node, parameters: Mapping[str, DeclaredParameter]) -> None:
    """Raises ExpressionInvalid at the first word that needs braces, quotes, or another spelling."""
    for node in walk(tree):
        if isinstance(node, Comparison):
            for place in _places(node, parameters):
                place.check()


def is_output(word: Word) -> bool:
    return word.text.startswith("steps.")


def output_without_braces(word: Word) -> ExpressionInvalid:
    return ExpressionInvalid(f"an output stands in braces: write {{{{ {word.text} }}}}", word.position)


@dataclass(frozen=True, slots=True)
class _Place:
    """A word and its place in the comparison. ``other`` is the name of the parameter on the other side, or ""."""

    word: Word
    operator: str
    is_left: bool
    is_item: bool
    has_braces: bool
    other: str
    parameters: Mapping[str, DeclaredParameter]

    def check(self) -> None:
        name, first = self.word.name, self.word.text.partition(".")[0]
        if is_output(self.word):
            raise output_without_braces(self.word)
        if name in self.parameters:
            self._check_parameter()
        elif name != self.word.text:
            raise self._unknown("")
        elif first in self.parameters:
            raise self._refused(f"a parameter is used as a whole: write `{first}`")
        else:
            self._check_text()

    def _check_parameter(self) -> None:
        """A parameter's name that could also be meant as text."""
        name, text = self.word.name, self.word.text
        other = self._equal_to
        if other is not None and other.enum is not None and text in other.enum:
            both = f"write `parameters.{name}` for the parameter or '{text}' for the text"
            raise self._refused(f"`{text}` is a parameter, and a value of `{self.other}`: {both}")

    def _check_text(self) -> None:
        """A word that is no parameter. It is text, or a misspelt name if text makes no sense there."""
        if self.operator not in ("==", "!=", *_MEMBERSHIP):
            raise self._unknown()  # text seldom has an order, so it needs quotes there
        if self.operator in _MEMBERSHIP and not self.is_left and not self.is_item:
            raise self._unknown()
        other = self._equal_to
        if other is not None and other.type != "string":
            raise self._unknown(f"and `{self.other}` is not text")
        if other is not None and other.enum is not None:
            self._check_enum(other.enum)
        elif not self.has_braces and nearest(self.word.text, self.parameters, MIN_LIKENESS):
            raise self._unknown()

    def _check_enum(self, enum: tuple[Any, ...]) -> None:
        if self.word.text not in enum:
            listed = ", ".join(f"`{value}`" for value in enum)
            is_list = self.parameters[self.other].item is not None
            what = f"an item of `{self.other}`" if is_list else f"`{self.other}`"
            message = f"{what} is one of {listed}, never `{self.word.text}`"
            raise self._refused(message, nearest(self.word.text, [*map(str, enum), *self.parameters]))

    @property
    def _equal_to(self) -> DeclaredParameter | None:
        """The parameter, or the item of a list parameter, that the word is compared with."""
        declared = self.parameters.get(self.other)
        if declared is None:
            return None
        if self.operator in _MEMBERSHIP:
            return declared.item if self.is_left else declared
        return declared.item or declared if self.is_item else declared

    def _unknown(self, why: str = "and text takes quotes here") -> ExpressionInvalid:
        message = ", ".join(filter(None, [f"there is no parameter `{self.word.name}`", why]))
        return self._refused(message, nearest(self.word.name, self.parameters))

    def _refused(self, message: str, suggestion: str | None = None) -> ExpressionInvalid:
        return ExpressionInvalid(message, self.word.position, suggestion)


def _places(comparison: Comparison, parameters: Mapping[str, DeclaredParameter]) -> Iterator[_Place]:
    resolved = resolve(comparison, parameters)
    assert isinstance(resolved, Comparison)
    in_braces = has_braces(comparison)
    for is_left, side, other in ((True, comparison.left, resolved.right), (False, comparison.right, resolved.left)):
        name = (other.parameter or "") if isinstance(other, Operand) else ""
        for word in _words(side):
            is_item = isinstance(side, ListOf)
            yield _Place(word, comparison.operator, is_left, is_item, in_braces, name, parameters)


def _words(side: Node) -> Iterator[Word]:
    """The words of the comparison itself, without those of a comparison inside it."""
    if isinstance(side, Word):
        yield side
    elif isinstance(side, ListOf):
        for item in side.items:
            yield from _words(item)
