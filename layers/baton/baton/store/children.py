"""The record of child runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from baton.outbox import Effect
from baton.ports.recovery import SettleCommand
from baton.ports.steps import ChildRun
from baton.store import sql
from baton.store.boundary import Boundary
from baton.store.database import Database
from baton.store.tree import Tree

_SQL = sql.load("children")


class Children:
    """Implements ``ports.steps.ChildRecord`` on Postgres."""

    def __init__(self, database: Database) -> None:
        self._boundary = Boundary(database, releases_gates=True)
        self._tree = Tree(database)

    def insert(
        self,
        *,
        parent_run_id: str,
        step_id: str,
        attempt_number: int,
        attempt_key: str,
        child_id: str,
        definition_id: str,
        parameters: Mapping[str, Any],
        reviews: Sequence[Mapping[str, Any]],
    ) -> ChildRun | None:
        crossed = self._boundary(
            _SQL["insert_child"],
            {
                "run_id": parent_run_id,
                "step_id": step_id,
                "attempt_number": attempt_number,
                "attempt_key": attempt_key,
                "child_id": child_id,
                "definition_id": definition_id,
                "parameters": Jsonb(dict(parameters)),
                "reviews": Jsonb([dict(review) for review in reviews]),
            },
        )
        row = crossed.row
        if row is None:
            return None
        return ChildRun(str(row["id"]), row["status"], row["machine"], row["generation"], crossed.effects)

    def abort(self, child_run_id: str, reason: str) -> Sequence[Effect]:
        return self._tree.abort(child_run_id, note=reason).effects

    def settle(self, command: SettleCommand) -> Sequence[Effect]:
        return self._tree.settle(command).effects
