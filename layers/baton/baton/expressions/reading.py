"""Text → tree, by recursive descent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from baton import templating
from baton.expressions.tree import (
    Comparison,
    Connective,
    ExpressionInvalid,
    Junction,
    ListOf,
    Literal,
    Node,
    Not,
    Operand,
    Operator,
    Word,
)
from baton.templating import Placeholder, TemplateInvalid

MAX_CHARACTERS = 1000
MAX_DEPTH = 20

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<reference>\{\{(?:(?!\}\}).)*\}\})
      | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
      | (?P<string>"[^"]*"|'[^']*')
      | (?P<name>[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)
      | (?P<operator><=|>=|==|!=|<|>)
      | (?P<mark>[()\[\],])
    )""",
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"\s*")
_WORDS = {"and", "or", "not", "in"}
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


@lru_cache(maxsize=256)
def parse(text: str) -> Node:
    """The expression as a tree; ExpressionInvalid names the place of a syntax error. Plain words are ``Word`` nodes.

    The time is linear in the length of the text. Length and depth have limits.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionInvalid(f"an expression has at most {MAX_CHARACTERS} characters; this one has {len(text)}")
    return _Reader(tuple(_tokens(text))).expression()


def _tokens(text: str) -> Iterator[_Token]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            start = _end_of_space(text, position)
            raise ExpressionInvalid(_unreadable(text, start), start)
        token = match.group(match.lastgroup)
        kind = token if token in _WORDS or match.lastgroup == "mark" else match.lastgroup
        yield _Token(kind, token, match.start(match.lastgroup))
        position = match.end()
    yield _Token("end", "the end", len(text))


def _end_of_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return position if space is None else space.end()


def _unreadable(text: str, position: int) -> str:
    character = text[position]
    if text.startswith("{{", position):
        return "`{{` is never closed by `}}`"
    if character == "=":
        return "`=` is not an operator; equality is `==`"
    if character in "&|!":
        return f"`{character}` is not an operator; write `and`, `or`, `not`"
    if character in "\"'":
        return "a string is never closed"
    return f"`{character}` cannot stand here"


class _Reader:
    """Recursive descent, loosest binding first: or, and, not, comparison, value."""

    def __init__(self, tokens: tuple[_Token, ...]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def expression(self) -> Node:
        node = self._disjunction()
        if self._token.kind != "end":
            raise ExpressionInvalid(f"`{self._token.text}` cannot stand here", self._token.position)
        return node

    def _disjunction(self) -> Node:
        return self._junction(Connective.OR, lambda: self._junction(Connective.AND, self._negation))

    def _junction(self, operator: Connective, operand: Callable[[], Node]) -> Node:
        operands: list[Node] = [operand()]
        while self._take(operator):
            operands.append(operand())
        return operands[0] if len(operands) == 1 else Junction(operator, tuple(operands), operands[0].position)

    def _negation(self) -> Node:
        token = self._token
        if not self._take("not"):
            return self._comparison()
        self._go_deeper(token)
        node = Not(self._negation(), token.position)
        self._depth -= 1
        return node

    def _comparison(self) -> Node:
        left = self._operand()
        operator = self._operator()
        if operator is None:
            return left
        node = Comparison(operator, left, self._operand(), left.position)
        token = self._token
        if self._operator() is not None:
            raise ExpressionInvalid("comparisons do not chain; join two of them with `and`", token.position)
        return node

    def _operator(self) -> Operator | None:
        token = self._token
        if self._take("operator"):
            return Operator(token.text)
        if self._take("in"):
            return Operator.IN
        if token.kind == "not":
            self._next += 1
            self._expect("in")
            return Operator.NOT_IN
        return None

    def _operand(self) -> Node:
        token = self._token
        self._next += 1
        match token.kind:
            case "number":
                return Literal(Decimal(token.text) if "." in token.text else int(token.text), token.position)
            case "string":
                return Literal(token.text[1:-1], token.position, is_quoted=True)
            case "date":
                return Literal(token.text, token.position)
            case "reference":
                return _operand(token)
            case "name" if token.text in _CONSTANTS:
                return Literal(_CONSTANTS[token.text], token.position)
            case "name":
                return Word(token.text, token.position)
            case "(":
                self._go_deeper(token)
                node = self._disjunction()
                self._expect(")")
                self._depth -= 1
                return node
            case "[":
                self._go_deeper(token)
                items = self._items()
                self._depth -= 1
                return ListOf(items, token.position)
        raise ExpressionInvalid(f"expected a value, found `{token.text}`", token.position)

    def _items(self) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._take("]"):
            if items:
                self._expect(",")
            items.append(self._operand())
        return tuple(items)

    def _go_deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionInvalid(f"an expression has at most {MAX_DEPTH} levels; this one has more", token.position)

    @property
    def _token(self) -> _Token:
        return self._tokens[min(self._next, len(self._tokens) - 1)]

    def _take(self, kind: str) -> bool:
        if self._token.kind != kind:
            return False
        self._next += 1
        return True

    def _expect(self, kind: str) -> None:
        if not self._take(kind):
            raise ExpressionInvalid(f"expected `{kind}`, found `{self._token.text}`", self._token.position)


def _operand(token: _Token) -> Operand:
    try:
        reference = templating.parse_reference(Placeholder((), token.text, token.text[2:-2].strip()))
    except TemplateInvalid as error:
        raise ExpressionInvalid(str(error), token.position) from error
    return Operand(reference, token.text, token.position)
