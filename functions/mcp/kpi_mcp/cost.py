"""What a statement can cost at most, as sizes of its expressions.

Postgres replaces a column of a subquery or CTE by its expression, and computes constants, while it plans: no time-out
is heeded there. So ``x || x`` over a column that is ``x || x`` itself is four, and in thirty such steps every memory is
full. A ``Size`` therefore counts a referenced expression as if it stood there. Sizes are upper bounds of what Postgres
would make of values that are as large as assumed here; data that is larger makes a query slower, not endless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kpi_mcp.refused import QueryRefused

COLUMN = 100  # bytes of a stored value
NUMBER = 20  # bytes that a computed number may have beside its operands
ROWS = 500  # that a collecting function puts together
NUMERIC = 150_000  # digits that a numeric can have, whatever short text it was made of

MAX_DEPTH = 200  # levels of the parsed statement
MAX_NODES = 50_000  # operations and values, references to columns replaced by what they stand for
MAX_BYTES = 100_000  # of one value
MAX_WORK = 5_000_000  # bytes made, and pairs of bytes compared or multiplied, for one row
MAX_COLLECTED = 2_000  # bytes that all collecting functions keep of one row
MAX_RELATIONS = 200  # tables, lists of values and subqueries, each as often as it is referred to
MAX_JOINED = 20  # of them in one FROM
MAX_GROUPINGS = 64  # sets that one GROUP BY asks for

COLLECTING = frozenset({"array_agg", "string_agg"})
_PAIRWISE = frozenset("* / % ~~ !~~ ~~* !~~* @> <@ &&".split())
_SLOW = frozenset("ln sqrt stddev stddev_samp stddev_pop variance var_samp var_pop corr regr_r2".split())
_LEAST_COLLECTED = 250
_EXPONENT = re.compile(r"\s*[+-]?[0-9._]*e[+-]?([0-9_]+)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Size:
    """``bytes`` of the value, and what it takes: ``nodes``, ``work``, ``collected`` and ``relations``, as the limits
    above count them. ``is_composed``: its text is put together by the query, so it may be anything."""

    nodes: int = 0
    bytes: int = 0
    work: int = 0
    collected: int = 0
    relations: int = 0
    is_composed: bool = False

    def __post_init__(self) -> None:
        _at_most(self.nodes, MAX_NODES, "operations and values in it, counting what columns of subqueries stand for")
        _at_most(self.bytes, MAX_BYTES, "bytes in one of its values")
        _at_most(self.work, MAX_WORK, "bytes to handle for one row")
        _at_most(self.collected, MAX_COLLECTED, "bytes a row to collect in array_agg, string_agg and array(…)")
        _at_most(self.relations, MAX_RELATIONS, "tables and subqueries, each counted as often as it is referred to")

    def times_read(self) -> Size:
        """Of a reference to a column that stands for this. What was collected was so once."""
        return Size(self.nodes + 1, self.bytes, self.work + self.bytes, 0, self.relations, self.is_composed)


def _at_most(count: int, limit: int, what: str) -> None:
    if count > limit:
        raise QueryRefused(f"the query is too costly: it may have {limit:,} {what}; ask for less at once")


ONE_RELATION = Size(relations=1)
STORED = Size(nodes=1, bytes=COLUMN, work=COLUMN)


def check_joined(count: int) -> None:
    if count > MAX_JOINED:
        raise QueryRefused(f"one FROM joins at most {MAX_JOINED} tables and subqueries, not {count}")


def total(sizes: Iterable[Size], value_bytes: int = 0) -> Size:
    """What all of them take, with a value of ``value_bytes``."""
    nodes = work = collected = relations = 0
    is_composed = False
    for one in sizes:
        nodes, work = nodes + one.nodes, work + one.work
        collected, relations = collected + one.collected, relations + one.relations
        is_composed = is_composed or one.is_composed
    return Size(nodes, value_bytes, work, collected, relations, is_composed)


def constant(value: Any) -> Size:
    """Of a literal: a node of the parser, or None for NULL."""
    text = getattr(value, "sval", None) or getattr(value, "fval", None) or ""
    exponent = _EXPONENT.fullmatch(text)
    size = max(len(text.encode()), 8) + (min(int(exponent[1]), NUMERIC) if exponent else 0)
    return Size(1, size, size)


def operation(parts: list[Size], value_bytes: int, *, more_work: int = 0, composes: bool = False) -> Size:
    made = total(parts, value_bytes)
    return Size(
        made.nodes + 1,
        value_bytes,
        made.work + value_bytes + more_work,
        made.collected,
        made.relations,
        made.is_composed or composes,
    )


def operator(name: str, parts: list[Size]) -> Size:
    """Of a binary or unary operator, BETWEEN and IN."""
    sizes = [part.bytes for part in parts]
    pairs = sizes[0] * sum(sizes[1:]) // 100 if name in _PAIRWISE else 0
    match name:
        case "||" | "*" | "/":
            size = sum(sizes) + NUMBER
        case "+" | "-" | "%" | "->" | "->>":
            size = max(sizes) + 1
        case _:
            size = 1  # true or false
    return operation(parts, size, more_work=pairs, composes=name == "||")


def function(name: str, arguments: list[Size], others: list[Size], digits: int | None) -> Size:
    """Of a function of ``allowed.FUNCTIONS``; ``others`` are its order, filter and window, ``digits`` is the literal
    second argument of round and trunc."""
    size = sum(part.bytes for part in arguments) + NUMBER
    parts = [*arguments, *others]
    if name in COLLECTING:
        made = operation(parts, size * ROWS, composes=True)
        kept = made.collected + max(size, _LEAST_COLLECTED)
        return Size(made.nodes, made.bytes, made.work, kept, made.relations, True)
    if name == "to_char":
        return operation(parts, size * 12, composes=True)  # a pattern of one letter can become a word
    if name in ("round", "trunc") and len(arguments) == 2:
        return operation(parts, size + (16_384 if digits is None else digits))
    return operation(parts, size, more_work=size * size // 10 if name in _SLOW else 0)


def cast(part: Size, type_name: str, length: int | None) -> Size:
    """Of a cast; ``length`` is the first number in the type's brackets."""
    if type_name == "bpchar" and length is not None:
        return operation([part], max(part.bytes, length), composes=True)  # filled up with spaces
    if type_name in ("numeric", "float8", "float4") and part.is_composed:
        return operation([part], max(part.bytes, NUMERIC))
    return operation([part], part.bytes + (length or 0) + NUMBER)
