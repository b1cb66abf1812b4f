"""Checkpoints in Postgres."""

from __future__ import annotations

from baton import ids
from baton.model import CheckpointOutcome
from baton.ports.checkpoints import OpenResult, WaitingTask
from baton.store.database import Database
from baton.store.functions import Function, Query, effects_of, outcome_of

_OPEN = Function(
    "open_checkpoint",
    run_id="uuid",
    step_id="text",
    execution="text",
    digest="text",
    token="text",
    approval_id="uuid",
    review_url="text",
    history_events="integer",
)
_APPROVAL_OF_STEP = Query("approval_of_step", run_id="uuid", step_id="text")


class Checkpoints:
    """For the checkpoint function's login.

    ``review_url`` is the address where people review. An approval's address is this, a slash and its id.
    """

    def __init__(self, database: Database, review_url: str) -> None:
        self._database = database
        self._review_url = review_url

    def open(self, task: WaitingTask) -> OpenResult[CheckpointOutcome]:
        approval_id = str(ids.new_id())  # for a new approval; an open one keeps its id
        answer = _OPEN.answer(
            self._database,
            run_id=task.run_id,
            step_id=task.step_id,
            execution=task.execution,
            digest=task.digest,
            token=task.token,
            approval_id=approval_id,
            review_url=f"{self._review_url}/{approval_id}",
            history_events=task.history_events,
        )
        return OpenResult(
            outcome=outcome_of(answer, CheckpointOutcome),
            attempt_number=answer["attemptNumber"],
            organization=answer["organization"],
            approval_id=answer["approvalId"],
            effects=effects_of(answer),
        )

    def approval_of_step(self, run_id: str, step_id: str) -> str | None:
        approval_id: str | None = _APPROVAL_OF_STEP(self._database, run_id=run_id, step_id=step_id)
        return approval_id
