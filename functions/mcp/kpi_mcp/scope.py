"""The columns that a query sees, and their sizes, by the rules of Postgres for names.

``t.x`` calls the function ``x`` if ``t`` has no column ``x``. So a name after a dot must be a known column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pglast import ast

from kpi_mcp import allowed, cost
from kpi_mcp.cost import Size
from kpi_mcp.refused import QueryRefused

Column = tuple[str | None, Size]
"""Name and size. The name is None if only Postgres knows it."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or query in a FROM. ``takes`` is its cost; ``table`` is its name if it is a table."""

    columns: tuple[Column, ...]
    takes: Size = cost.ONE_RELATION
    table: str | None = None

    def renamed(self, names: Sequence[Any] | None) -> Relation:
        """The same relation with other names for its first columns."""
        aliases = [name.sval for name in names or ()]
        columns = [(aliases[at] if at < len(aliases) else name, size) for at, (name, size) in enumerate(self.columns)]
        return replace(self, columns=tuple(columns))

    def sizes(self, name: str) -> list[Size]:
        return [size for known, size in self.columns if known == name]

    def row(self) -> Size:
        sizes = [size for _, size in self.columns]
        return cost.operation(sizes, sum(size.bytes for size in sizes))


def table(name: str) -> Relation:
    return Relation(tuple((column, cost.STORED) for column in allowed.COLUMNS[name]), table=name)


@dataclass(frozen=True, slots=True)
class Scope:
    """The relations of a FROM by their names, and the scope of the outer query. ``star`` has the columns of ``*``."""

    relations: dict[str, Relation]
    outer: Scope | None = None
    star: list[Column] = field(default_factory=list)

    def add(self, name: str, relation: Relation) -> None:
        if name in self.relations:
            raise QueryRefused(f"{name} is in FROM twice; give one of them another name: … as another_name")
        self.relations[name] = relation

    def levels(self) -> Iterator[dict[str, Relation]]:
        level: Scope | None = self
        while level is not None:
            yield level.relations
            level = level.outer

    def column(self, fields: Sequence[Any]) -> Size:
        """The size of a reference, which may end with ``*``. Raises QueryRefused if it may be no column."""
        if isinstance(fields[-1], ast.A_Star):
            return self._star([field.sval for field in fields[:-1]])
        *qualifier, name = (field.sval for field in fields)
        if not qualifier:
            return self._bare(name)
        relation = self._relation(qualifier)
        sizes = relation.sizes(name)
        if not sizes:
            known = ", ".join(sorted(name for name, _ in relation.columns if name)) or "none with a name"
            raise QueryRefused(
                f"{'.'.join(qualifier)} has no column {name}; it has {known}. Name the columns of a subquery: … as name"
            )
        return max(sizes, key=lambda size: size.nodes).times_read()

    def _bare(self, name: str) -> Size:
        """The size of the nearest column of that name, or else of a row. Postgres refuses a name of several columns."""
        for relations in self.levels():
            sizes = [size for relation in relations.values() for size in relation.sizes(name)]
            if sizes:
                return max(sizes, key=lambda size: size.nodes).times_read()
            if name in relations:
                return relations[name].row()
        return cost.STORED  # the name of an output in ORDER BY; Postgres refuses any other

    def _star(self, qualifier: list[str]) -> Size:
        relations = [self._relation(qualifier)] if qualifier else list(self.relations.values())
        rows = [relation.row() for relation in relations]
        return cost.total(rows, sum(row.bytes for row in rows))

    def star_columns(self, fields: Sequence[Any]) -> tuple[Column, ...]:
        """The columns of ``*`` or ``t.*``."""
        qualifier = [field.sval for field in fields[:-1]]
        columns = self._relation(qualifier).columns if qualifier else self.star
        return tuple((name, size.times_read()) for name, size in columns)

    def _relation(self, qualifier: list[str]) -> Relation:
        name = ".".join(qualifier)
        for relations in self.levels():
            if len(qualifier) == 1 and name in relations:
                return relations[name]
            if len(qualifier) == 2:
                matching = [one for alias, one in relations.items() if one.table == name and alias == qualifier[1]]
                if matching:
                    return matching[0]
        raise QueryRefused(
            f"there is no {name} in FROM here; write a column as table.column, with the name of the table in FROM"
        )
