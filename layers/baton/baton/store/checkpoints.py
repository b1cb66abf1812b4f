"""The record of checkpoints: opening them, and the decision that ends each."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from baton import exact_json
from baton.model import Decision
from baton.ports.checkpoints import DecisionCommand, DecisionTaken, Opened, WaitingTask
from baton.store import sql
from baton.store.boundary import Boundary, Crossed
from baton.store.database import Database
from baton.store.tree import ABORT_ORPHANS, Tree

_SQL = sql.load("checkpoints")


class Checkpoints:
    """Implements ``ports.checkpoints.CheckpointRecord`` for the checkpoint function's login.

    ``review_url`` is where people review: the address of an approval is that, a slash and its id.
    """

    def __init__(self, database: Database, review_url: str) -> None:
        self._database = database
        self._boundary = Boundary(database)
        self._review_url = review_url

    def open(self, task: WaitingTask) -> Opened:
        approval_id = str(uuid.uuid4())  # of the approval, if there is none yet
        crossed = self._boundary(
            _SQL["open_checkpoint"],
            {
                "run_id": task.run_id,
                "step_id": task.step_id,
                "generation": task.generation,
                "digest": task.digest,
                "token": task.token,
                "execution": task.execution,
                "approval_id": approval_id,
                "review_url": f"{self._review_url}/{approval_id}",
            },
        )
        if crossed.row is None:
            return Opened(outcome="unknown_step", approval_id=None, effects=crossed.effects)
        return Opened(
            outcome=crossed.row["outcome"], approval_id=_text(crossed.row["approval_id"]), effects=crossed.effects
        )

    def approval_of_step(self, run_id: str, step_id: str) -> str | None:
        row = self._database.fetch_one(_SQL["approval_of_step"], {"run_id": run_id, "step_id": step_id})
        return None if row is None else str(row["id"])


class Approvals:
    """Implements ``ports.checkpoints.ApprovalRecord`` for the approval function's login."""

    def __init__(self, database: Database) -> None:
        self._boundary = Boundary(database, releases_gates=True, completes_checkpoints=True)
        self._tree = Tree(database, releases_gates=True, completes_checkpoints=True)

    def decide(self, command: DecisionCommand) -> DecisionTaken:
        """Takes a person's decision; for a command without ``user_id``, the one that the definition has for expiry."""
        crossed = self._cross(
            {
                "run_id": command.run_id,
                "approval_id": command.approval_id,
                "user_id": command.user_id,
                "by_clock": command.user_id is None,
                "execution": command.execution,
                "decision": command.decision,
                "notes": command.notes,
                "modifications": Jsonb(dict(command.modifications)),
                "overrides": Jsonb(dict(command.overrides)),
            }
        )
        row = crossed.row
        if row is None:
            return DecisionTaken(outcome="not_found", effects=())
        return DecisionTaken(
            outcome=row["outcome"],
            step_id=row["step_id"],
            attempt_number=row["attempt_number"],
            run_status=crossed.run_status,
            decision=row["decision"],
            decided_by=_text(row["decided_by"]),
            decided_at=exact_json.iso(row["decided_at"]),
            effects=crossed.effects,
        )

    def _cross(self, params: Mapping[str, Any]) -> Crossed:
        """What may end the run (only the record knows what the clock decides) ends what is below it, too."""
        if params["by_clock"] or params["decision"] == Decision.ABORT:
            return self._tree([_SQL["decide_approval"], ABORT_ORPHANS], {**params, "engine_id": None})
        return self._boundary(_SQL["decide_approval"], params)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
