"""Text → tree, by recursive descent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from baton.expressions.tree import Comparison, ExpressionInvalid, Junction, ListOf, Literal, Name, Node, Not, Reference

MAX_LENGTH = 1000
MAX_DEPTH = 20

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<reference>\{\{(?:(?!\}\}).)*\}\})
      | (?P<date>\d{4}-\d\d-\d\d)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<string>"[^"]*"|'[^']*')
      | (?P<name>[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)
      | (?P<operator><=|>=|==|!=|<|>)
      | (?P<mark>[()\[\],])
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"and", "or", "not", "in"}
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


@lru_cache(maxsize=256)
def parse(rule: str) -> Node:
    """The rule as a tree; ExpressionInvalid names the place where it stops making sense."""
    if len(rule) > MAX_LENGTH:
        raise ExpressionInvalid(f"the rule is longer than {MAX_LENGTH} characters")
    return _Reader(tuple(_tokens(rule))).rule()


def _tokens(rule: str) -> Iterator[_Token]:
    position = 0
    while rule[position:].strip():
        match = _TOKEN.match(rule, position)
        if match is None or match.lastgroup is None:
            offset = len(rule) - len(rule[position:].lstrip())
            raise ExpressionInvalid(_unreadable(rule[offset]), offset)
        text = match.group(match.lastgroup)
        kind = text if text in _WORDS or match.lastgroup == "mark" else match.lastgroup
        yield _Token(kind, text, match.start(match.lastgroup))
        position = match.end()
    yield _Token("end", "the end", len(rule))


def _unreadable(character: str) -> str:
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

    def rule(self) -> Node:
        node = self._disjunction()
        if self._token.kind != "end":
            raise ExpressionInvalid(f"`{self._token.text}` cannot stand here", self._token.position)
        return node

    def _disjunction(self) -> Node:
        return self._junction("or", lambda: self._junction("and", self._negation))

    def _junction(self, operator: str, operand: Callable[[], Node]) -> Node:
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

    def _operator(self) -> str | None:
        token = self._token
        if self._take("operator"):
            return token.text
        if self._take("in"):
            return "in"
        if token.kind == "not":
            self._next += 1
            self._expect("in")
            return "not in"
        return None

    def _operand(self) -> Node:
        token = self._token
        self._next += 1
        match token.kind:
            case "number":
                return Literal(Decimal(token.text) if "." in token.text else int(token.text), token.position)
            case "string":
                return Literal(token.text[1:-1], token.position)
            case "date":
                return Literal(token.text, token.position)
            case "reference":
                return Reference(token.text, token.position)
            case "name" if token.text in _CONSTANTS:
                return Literal(_CONSTANTS[token.text], token.position)
            case "name":
                return Name(token.text, token.position)
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
            raise ExpressionInvalid(f"the rule nests deeper than {MAX_DEPTH} levels", token.position)

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
