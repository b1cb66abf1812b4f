"""Walks through a parsed SELECT like Postgres, and adds up its cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pglast import ast
from pglast.enums import SetOperation, SubLinkType

from kpi_mcp import cost
from kpi_mcp.cost import Size
from kpi_mcp.groupings import check_groupings
from kpi_mcp.refused import QueryRefused
from kpi_mcp.scope import Column, Relation, Scope, table

Ctes = Mapping[str, Relation]
_NAMES = {"funcname", "name", "names", "operName", "typeName", "fields"}  # parts of a node without expressions
_CLAUSES = ("whereClause", "groupClause", "havingClause", "windowClause", "distinctClause", "sortClause",
            "limitOffset", "limitCount")  # fmt: skip


def check_cost(statement: ast.SelectStmt) -> None:
    """Raises QueryRefused if the statement may cost more than ``cost`` allows, or a name may be a function's."""
    _check_depth(statement)
    _select(statement, {}, None)


def _check_depth(root: ast.Node) -> None:
    todo: list[tuple[Any, int]] = [(root, 1)]
    while todo:
        node, depth = todo.pop()
        if depth > cost.MAX_DEPTH:
            raise QueryRefused(f"the query nests deeper than {cost.MAX_DEPTH} levels; use a list (IN, VALUES) instead")
        todo.extend((child, depth + 1) for child in _children(node))


def _children(node: Any) -> Iterator[ast.Node]:
    ahead = [getattr(node, name) for name in reversed(tuple(node)) if name not in _NAMES]
    while ahead:
        value = ahead.pop()
        if isinstance(value, (tuple, list)):
            ahead.extend(reversed(value))
        elif isinstance(value, ast.Node):
            yield value


# --- queries ----------------------------------------------------------------------------------------------------------


def _select(select: Any, ctes: Ctes, outer: Scope | None) -> Relation:
    """The output of a SELECT. Its cost has one relation more than those that it reads."""
    ctes = dict(ctes)
    for cte in select.withClause.ctes if select.withClause else ():
        ctes[cte.ctename] = _select(cte.ctequery, ctes, outer).renamed(cte.aliascolnames)
    scope = Scope({}, outer)
    walk = Expressions(scope, ctes)
    if select.op != SetOperation.SETOP_NONE:
        columns, takes = _set_operation(select, ctes, outer)
    elif select.valuesLists:
        columns, takes = _values(select.valuesLists, walk)
    else:
        joined = [from_item(item, scope, ctes) for item in select.fromClause or ()]
        cost.check_joined(sum(one.count for one in joined))
        scope.star.extend(column for one in joined for column in one.columns)
        columns = [column for target in select.targetList or () for column in walk.output(target)]
        takes = cost.total([*(one.takes for one in joined), *(size for _, size in columns)])
    check_groupings(select.groupClause or ())
    clauses = [walk.size(part) for name in _CLAUSES for part in _listed(getattr(select, name))]
    return Relation(tuple(columns), cost.total([takes, *clauses, cost.ONE_RELATION]))


def _listed(clause: Any) -> list[Any]:
    return [part for part in (clause if isinstance(clause, (tuple, list)) else [clause]) if part is not None]


def _set_operation(select: Any, ctes: Ctes, outer: Scope | None) -> tuple[list[Column], Size]:
    left, right = _select(select.larg, ctes, outer), _select(select.rarg, ctes, outer)
    if len(left.columns) != len(right.columns):
        raise QueryRefused("both sides of a UNION, INTERSECT or EXCEPT must have as many columns as the other")
    both = zip(left.columns, right.columns, strict=True)
    return [(name, larger([one, other])) for (name, one), (_, other) in both], cost.total([left.takes, right.takes])


def _values(rows: Any, walk: Expressions) -> tuple[list[Column], Size]:
    sizes = [[walk.size(value) for value in row] for row in rows]
    widest = [larger(column) for column in zip(*sizes, strict=False)]
    columns: list[Column] = [(f"column{at}", size) for at, size in enumerate(widest, 1)]
    return columns, cost.total(size for row in sizes for size in row)


# --- FROM -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Joined:
    """An item of a FROM: its cost, the number of joined relations, and its columns for ``*``."""

    takes: Size
    count: int
    columns: tuple[Column, ...]


def from_item(item: Any, scope: Scope, ctes: Ctes) -> Joined:
    """Adds the names of the item to the scope."""
    if isinstance(item, ast.JoinExpr):
        return _join(item, scope, ctes)
    name: Any
    if isinstance(item, ast.RangeVar):
        name = item.relname
        relation = table(f"{item.schemaname}.{name}") if item.schemaname else _cte(name, ctes)
    else:
        # Only a lateral subquery sees the items before it. In other subqueries, a name may refer to an outer query.
        name = f"subquery {len(scope.relations)}"  # no reference can have this name
        relation = _select(item.subquery, ctes, scope if item.lateral else scope.outer)
    if item.alias is not None:
        name = item.alias.aliasname
        relation = Relation(relation.columns, relation.takes).renamed(item.alias.colnames)
    scope.add(name, relation)
    return Joined(relation.takes, 1, relation.columns)


def _cte(name: str, ctes: Ctes) -> Relation:
    if name not in ctes:
        raise QueryRefused(f"the WITH query {name} cannot be seen here; move it before the one that reads it")
    return ctes[name]


def _join(join: Any, scope: Scope, ctes: Ctes) -> Joined:
    before = set(scope.relations)
    left, right = from_item(join.larg, scope, ctes), from_item(join.rarg, scope, ctes)
    inside = {name: one for name, one in scope.relations.items() if name not in before}
    condition = [Expressions(Scope(inside, scope.outer), ctes).size(join.quals)] if join.quals else []
    shared = _shared(join, left, right)
    once = [(name, size) for name in shared for known, size in left.columns if known == name]
    compared = [size.times_read() for _, size in once]
    rest = [(name, size) for name, size in (*left.columns, *right.columns) if name not in shared]
    merged = Relation((*once, *rest))
    if join.join_using_alias is not None:
        scope.add(join.join_using_alias.aliasname, Relation(tuple(once)))
    if join.alias is not None:
        for name in scope.relations.keys() - before:
            del scope.relations[name]  # the name of the join hides the names inside it
        merged = merged.renamed(join.alias.colnames)
        scope.add(join.alias.aliasname, merged)
    takes = cost.total([left.takes, right.takes, *condition, *compared])
    return Joined(takes, left.count + right.count, merged.columns)


def _shared(join: Any, left: Joined, right: Joined) -> list[str]:
    """The columns that USING or NATURAL merges."""
    if join.isNatural:
        others = {name for name, _ in right.columns}
        return [name for name, _ in left.columns if name is not None and name in others]
    return [name.sval for name in join.usingClause or ()]


# --- expressions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expressions:
    """The sizes of the expressions of one query."""

    scope: Scope
    ctes: Ctes

    def output(self, target: Any) -> Iterator[Column]:
        """The columns of an item of SELECT's list."""
        value = target.val
        fields = value.fields if isinstance(value, ast.ColumnRef) else None
        if fields and isinstance(fields[-1], ast.A_Star):
            yield from self.scope.star_columns(fields)
        else:
            yield target.name or output_name(value), self.size(value)

    def size(self, node: Any) -> Size:
        match type(node).__name__:
            case "ColumnRef":
                return self.scope.column(node.fields)
            case "A_Const":
                return cost.constant(node.val)
            case "SubLink":
                return self._subquery(node)
        parts = [self.size(child) for child in _children(node)]
        match type(node).__name__:
            case "A_Expr":
                return cost.operator(node.name[-1].sval, parts)
            case "FuncCall":
                arguments = node.args or ()
                at = len(arguments)
                return cost.function(node.funcname[-1].sval, parts[:at], parts[at:], _number(arguments[1:2]))
            case "TypeCast":
                return cost.cast(parts[0], node.typeName.names[-1].sval, _number(node.typeName.typmods))
            case "CaseExpr" | "CaseWhen" | "CoalesceExpr" | "MinMaxExpr":
                return cost.operation(parts, max(part.bytes for part in parts))
        return cost.operation(parts, sum(part.bytes for part in parts))

    def _subquery(self, link: Any) -> Size:
        relation = _select(link.subselect, self.ctes, self.scope)
        tested = [self.size(link.testexpr)] if link.testexpr else []
        takes = [relation.takes, *tested]
        match link.subLinkType:
            case SubLinkType.EXPR_SUBLINK:
                return cost.operation([*takes, *(size for _, size in relation.columns)], relation.row().bytes)
            case SubLinkType.ARRAY_SUBLINK:
                return cost.function("array_agg", [relation.row()], takes, None)
        return cost.operation(takes, cost.NUMBER_BYTES)


def larger(sizes: Iterable[Size]) -> Size:
    """The size of a column that may be any of these."""
    candidates = list(sizes)
    most = max(candidates, key=lambda size: (size.nodes, size.bytes))
    return replace(
        most,
        bytes=max(size.bytes for size in candidates),
        work=max(size.work for size in candidates),
        is_composed=any(size.is_composed for size in candidates),
    )


def output_name(node: Any) -> str | None:
    """The name that Postgres gives to a column without a name; None if its rule is not simple."""
    match type(node).__name__:
        case "ColumnRef" if isinstance(node.fields[-1], ast.String):
            return str(node.fields[-1].sval)
        case "FuncCall":
            return str(node.funcname[-1].sval)
        case "CoalesceExpr":
            return "coalesce"
        case "TypeCast" if isinstance(node.arg, (ast.ColumnRef, ast.FuncCall)):
            return output_name(node.arg)
    return None


def _number(nodes: Sequence[Any] | None) -> int | None:
    """The first node's literal whole number; None if it has none."""
    value = nodes[0].val if nodes and isinstance(nodes[0], ast.A_Const) else None
    return abs(value.ival or 0) if isinstance(value, ast.Integer) else None
