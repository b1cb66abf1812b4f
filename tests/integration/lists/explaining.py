"""A database that records the plan of every statement that it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baton.connection import Row
from baton.store.database import Database, Params, Statement

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Explained:
    """How Postgres ran one statement. ``buffers`` is the number of blocks that it read, in memory or not; ``scanned``
    are the tables that it read completely."""

    name: str
    buffers: int
    scanned: frozenset[str]

    @classmethod
    def of(cls, sql: str, plan: Node) -> Explained:
        name = sql.partition("\n")[0].removeprefix("-- ")
        scanned = frozenset(node["Relation Name"] for node in _nodes(plan) if node["Node Type"] == "Seq Scan")
        return cls(name, plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], scanned)


class ExplainingDatabase(Database):
    """The store's database; ``explained`` has the plan of every statement."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.explained: list[Explained] = []

    def fetch_all(self, sql: str, params: Params) -> list[Row]:
        self._explain(sql, params)
        return super().fetch_all(sql, params)

    def pipeline(self, statements: Sequence[Statement]) -> list[list[Row]]:
        for sql, params in statements:
            self._explain(sql, params)
        return super().pipeline(statements)

    def _explain(self, sql: str, params: Params) -> None:
        (row,) = super().fetch_all(f"explain (analyze, buffers, format json)\n{sql}", params)
        self.explained.append(Explained.of(sql, row["QUERY PLAN"][0]["Plan"]))


def _nodes(plan: Node) -> Iterator[Node]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
