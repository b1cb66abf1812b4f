"""The query guard: accepts one SELECT over the KPI tables and refuses every other query.

It checks the tree that Postgres' own parser makes. Every kind of node, function, type, operator and table must be in
``allowed``, so a new one is refused. The database login is read-only without the guard, too. The guard prevents that
a query changes the settings of its transaction, above all the organisation.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pglast
from pglast import ast

from kpi_mcp import allowed

MAX_QUERY_CHARACTERS = 100_000


class QueryRefused(ValueError):
    """This server does not run the query. The message names the part and what is allowed."""


def check(query: str) -> str:
    """Return the text of the one statement in ``query``, without a semicolon. Raises ``QueryRefused``."""
    _check_size(query)
    return _deep_stack().submit(_check, query).result()


@cache
def _deep_stack() -> ThreadPoolExecutor:
    """A thread whose stack is deep enough for any query of ``MAX_QUERY_CHARACTERS``.

    The parser recurses in C without a limit. A query ``1 UNION 2 UNION 3 …`` of 100 kB crashes a process whose threads
    have the usual stack of 8 MB (macOS: 512 kB).
    """
    previous = threading.stack_size(64 * 1024 * 1024)
    try:
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="query-guard")
        executor.submit(pglast.parse_sql, "select 1").result()  # starts the thread
    finally:
        threading.stack_size(previous)
    return executor


def _check(query: str) -> str:
    try:
        statements = pglast.parse_sql(query)
    except pglast.parser.ParseError as error:
        raise QueryRefused(f"the query is not valid SQL: {error}") from None
    if len(statements) != 1:
        raise QueryRefused(f"send one statement in each call, not {len(statements)}")
    statement = statements[0]
    if not isinstance(statement.stmt, ast.SelectStmt):
        raise QueryRefused(f"only SELECT is allowed, not {type(statement.stmt).__name__.removesuffix('Stmt')}")
    _check_tree(statement.stmt)
    start, length = statement.stmt_location or 0, statement.stmt_len
    return query[start : start + length] if length else query[start:]


def _check_size(query: str) -> None:
    if len(query) > MAX_QUERY_CHARACTERS:
        raise QueryRefused(f"the query is longer than {MAX_QUERY_CHARACTERS} characters")
    if "\x00" in query:
        raise QueryRefused("the query contains a NUL character")


@dataclass
class _Names:
    """Tables without a schema must be CTEs of the query. The check needs both sets, so it comes after the walk."""

    ctes: set[str] = field(default_factory=set)
    unqualified: set[str] = field(default_factory=set)


def _check_tree(statement: ast.Node) -> None:
    names = _Names()
    for node in _nodes(statement):
        kind = type(node).__name__
        if kind not in allowed.NODES:
            raise QueryRefused(f"{kind} is not allowed in a query")
        if rule := _RULES.get(kind):
            rule(node, names)
    if unknown := names.unqualified - names.ctes:
        raise QueryRefused(f"write table {min(unknown)} with its schema; readable tables: {_listed(allowed.TABLES)}")


def _nodes(root: ast.Node) -> Iterator[Any]:
    """All nodes of the tree, without recursion, because a query may nest deeper than Python recurses."""
    waiting: list[Any] = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, ast.Node):
            yield value
            waiting.extend(getattr(value, name) for name in value)
        elif isinstance(value, (tuple, list)):
            waiting.extend(value)


def _select(node: Any, names: _Names) -> None:
    if node.intoClause:
        raise QueryRefused("SELECT INTO is not allowed")
    if node.lockingClause:
        raise QueryRefused("FOR UPDATE and FOR SHARE are not allowed")


def _with(node: Any, names: _Names) -> None:
    if node.recursive:
        raise QueryRefused("WITH RECURSIVE is not allowed")


def _cte(node: Any, names: _Names) -> None:
    # With the name of a system catalog, a table outside the WITH could mean the CTE or the catalog.
    if node.ctename.startswith("pg_"):
        raise QueryRefused(f"rename {node.ctename}: names that begin with pg_ belong to Postgres")
    names.ctes.add(node.ctename)


def _table(node: Any, names: _Names) -> None:
    if node.catalogname:
        raise QueryRefused("tables of other databases cannot be read")
    if not node.schemaname:
        names.unqualified.add(node.relname)
    elif f"{node.schemaname}.{node.relname}" not in allowed.TABLES:
        raise QueryRefused(
            f"table {node.schemaname}.{node.relname} cannot be read; readable tables: {_listed(allowed.TABLES)}"
        )


def _function(node: Any, names: _Names) -> None:
    name = _name(node.funcname)
    if name not in allowed.FUNCTIONS:
        raise QueryRefused(f"function {name} is not allowed; allowed functions: {_listed(allowed.FUNCTIONS)}")


def _type(node: Any, names: _Names) -> None:
    name = _name(node.names)
    if name not in allowed.TYPES or node.setof or node.pct_type:
        raise QueryRefused(f"type {name} is not allowed; allowed types: {_listed(allowed.TYPES)}")


def _operator(node: Any, names: _Names) -> None:
    name = _name(node.name)
    if name not in allowed.OPERATORS:
        raise QueryRefused(f"operator {name} is not allowed; allowed operators: {_listed(allowed.OPERATORS)}")


def _sort(node: Any, names: _Names) -> None:
    if node.useOp:
        raise QueryRefused("ORDER BY … USING is not allowed")


def _sublink(node: Any, names: _Names) -> None:
    if node.operName and _name(node.operName) not in allowed.OPERATORS:
        raise QueryRefused(f"operator {_name(node.operName)} is not allowed")


def _column(node: Any, names: _Names) -> None:
    last = node.fields[-1]
    if isinstance(last, ast.String) and last.sval in allowed.SYSTEM_COLUMNS:
        raise QueryRefused(f"system column {last.sval} cannot be read")


def _name(parts: Any) -> str:
    """The name without ``pg_catalog``, which the parser adds to standard syntax such as ``EXTRACT``."""
    words = [part.sval for part in parts]
    if len(words) == 2 and words[0] == "pg_catalog":
        words = words[1:]
    return ".".join(words)


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


_RULES = {
    "SelectStmt": _select,
    "WithClause": _with,
    "CommonTableExpr": _cte,
    "RangeVar": _table,
    "FuncCall": _function,
    "TypeName": _type,
    "A_Expr": _operator,
    "SortBy": _sort,
    "SubLink": _sublink,
    "ColumnRef": _column,
}
