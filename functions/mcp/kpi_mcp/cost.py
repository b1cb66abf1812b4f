"""The highest cost of a statement, as sizes of its expressions.

While Postgres plans a statement, it replaces a column of a subquery or CTE by its expression and computes constants.
It checks no time-out there. So ``x || x`` over a column that is ``x || x`` itself has four parts, and thirty such steps
fill any memory. A ``Size`` therefore counts a referenced expression like a copy in its place. Sizes are upper bounds
for stored values of ``COLUMN_BYTES``. Larger values make a query slower, but it still ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from kpi_mcp.refused import QueryRefused

COLUMN_BYTES = 100  # of a stored value
NUMBER_BYTES = 20  # of a computed number, beside its operands
COLLECTED_ROWS = 500  # of a collecting function
MAX_DIGITS = 150_000  # of a numeric, which can come from a short text

MAX_DEPTH = 200  # levels of the parsed statement
MAX_NODES = 50_000  # operations and values, with a copy of the expression for each reference to a column
MAX_BYTES = 100_000  # of one value
MAX_WORK = 5_000_000  # for one row: bytes of values, and pairs of bytes that are compared or multiplied
MAX_COLLECTED_BYTES = 2_000  # of one row, in all collecting functions together
MAX_RELATIONS = 200  # tables, lists of values and subqueries, counted at each reference
MAX_JOINED = 20  # relations of one FROM
MAX_GROUPINGS = 64  # of one GROUP BY

COLLECTING = frozenset({"array_agg", "string_agg"})
_PAIRWISE = frozenset("* / % ~~ !~~ ~~* !~~* @> <@ &&".split())
_SLOW = frozenset("ln sqrt stddev stddev_samp stddev_pop variance var_samp var_pop corr regr_r2".split())
_MIN_COLLECTED_BYTES = 250
_EXPONENT = re.compile(r"\s*[+-]?[0-9._]*e[+-]?([0-9_]+)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Size:
    """``bytes`` of the value, and its cost: ``nodes``, ``work``, ``collected`` and ``relations``, counted like the
    limits above. ``is_composed``: the query composes its text, which may be any text."""

    nodes: int = 0
    bytes: int = 0
    work: int = 0
    collected: int = 0
    relations: int = 0
    is_composed: bool = False

    def __post_init__(self) -> None:
        _at_most(self.nodes, MAX_NODES, "operations and values, with copies of the expressions of subqueries")
        _at_most(self.bytes, MAX_BYTES, "bytes in a value")
        _at_most(self.work, MAX_WORK, "bytes of work for one row")
        _at_most(self.collected, MAX_COLLECTED_BYTES, "bytes a row to collect in array_agg, string_agg and array(…)")
        _at_most(self.relations, MAX_RELATIONS, "tables and subqueries, counted at each reference")

    def times_read(self) -> Size:
        """The size of a reference to a column with this expression. Postgres collects its rows only once."""
        return Size(self.nodes + 1, self.bytes, self.work + self.bytes, 0, self.relations, self.is_composed)


def _at_most(count: int, limit: int, what: str) -> None:
    if count > limit:
        raise QueryRefused(f"the query is too costly: it may have at most {limit:,} {what}; ask for less")


ONE_RELATION = Size(relations=1)
STORED = Size(nodes=1, bytes=COLUMN_BYTES, work=COLUMN_BYTES)


def check_joined(count: int) -> None:
    if count > MAX_JOINED:
        raise QueryRefused(f"one FROM joins at most {MAX_JOINED} tables and subqueries, not {count}")


def total(sizes: Iterable[Size], value_bytes: int = 0) -> Size:
    """The cost of all of them, with a value of ``value_bytes``."""
    nodes = work = collected = relations = 0
    is_composed = False
    for one in sizes:
        nodes, work = nodes + one.nodes, work + one.work
        collected, relations = collected + one.collected, relations + one.relations
        is_composed = is_composed or one.is_composed
    return Size(nodes, value_bytes, work, collected, relations, is_composed)


def constant(value: Any) -> Size:
    """The size of a literal: a node of the parser, or None for NULL."""
    text = getattr(value, "sval", None) or getattr(value, "fval", None) or ""
    exponent = _EXPONENT.fullmatch(text)
    size = max(len(text.encode()), 8) + (min(int(exponent[1]), MAX_DIGITS) if exponent else 0)
    return Size(1, size, size)


def operation(parts: list[Size], value_bytes: int, *, more_work: int = 0, composes: bool = False) -> Size:
    sum_of_parts = total(parts, value_bytes)
    return Size(
        sum_of_parts.nodes + 1,
        value_bytes,
        sum_of_parts.work + value_bytes + more_work,
        sum_of_parts.collected,
        sum_of_parts.relations,
        sum_of_parts.is_composed or composes,
    )


def operator(name: str, parts: list[Size]) -> Size:
    """The size of a binary or unary operator, BETWEEN or IN."""
    sizes = [part.bytes for part in parts]
    pairs = sizes[0] * sum(sizes[1:]) // 100 if name in _PAIRWISE else 0
    match name:
        case "||" | "*" | "/":
            size = sum(sizes) + NUMBER_BYTES
        case "+" | "-" | "%" | "->" | "->>":
            size = max(sizes) + 1
        case _:
            size = 1  # true or false
    return operation(parts, size, more_work=pairs, composes=name == "||")


def function(name: str, arguments: list[Size], others: list[Size], digits: int | None) -> Size:
    """The size of a call of ``allowed.FUNCTIONS``. ``others`` are its order, filter and window; ``digits`` is the
    literal second argument of round and trunc."""
    size = sum(part.bytes for part in arguments) + NUMBER_BYTES
    parts = [*arguments, *others]
    if name in COLLECTING:
        result = operation(parts, size * COLLECTED_ROWS, composes=True)
        return replace(result, collected=result.collected + max(size, _MIN_COLLECTED_BYTES))
    if name == "to_char":
        return operation(parts, size * 12, composes=True)  # a pattern of one letter can become a word
    if name in ("round", "trunc") and len(arguments) == 2:
        return operation(parts, size + (16_384 if digits is None else digits))
    return operation(parts, size, more_work=size * size // 10 if name in _SLOW else 0)


def cast(part: Size, type_name: str, length: int | None) -> Size:
    """The size of a cast. ``length`` is the first number in the brackets of the type."""
    if type_name == "bpchar" and length is not None:
        return operation([part], max(part.bytes, length), composes=True)  # Postgres fills it with spaces
    if type_name in ("numeric", "float8", "float4") and part.is_composed:
        return operation([part], max(part.bytes, MAX_DIGITS))
    return operation([part], part.bytes + (length or 0) + NUMBER_BYTES)
