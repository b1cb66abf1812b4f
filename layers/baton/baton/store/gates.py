"""The record of gates."""

from __future__ import annotations

from baton.ports.checkpoints import Opened, WaitingTask
from baton.store import sql
from baton.store.boundary import Boundary
from baton.store.database import Database

_SQL = sql.load("gates")


class Gates:
    """Implements ``ports.checkpoints.GateRecord`` on Postgres."""

    def __init__(self, database: Database) -> None:
        self._boundary = Boundary(database, releases_gates=True)

    def open(self, task: WaitingTask) -> Opened:
        crossed = self._boundary(
            _SQL["open_gate"],
            {
                "run_id": task.run_id,
                "step_id": task.step_id,
                "generation": task.generation,
                "digest": task.digest,
                "token": task.token,
                "execution": task.execution,
            },
        )
        outcome = "unknown_step" if crossed.row is None else crossed.row["outcome"]
        return Opened(outcome=outcome, approval_id=None, effects=crossed.effects)
