"""The record of checkpoints: opening them, and the decision that ends each."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from baton import ids
from baton.model import CheckpointOutcome, DecideOutcome, ExpireOutcome
from baton.ports.checkpoints import DecisionCommand, DecisionTaken, Opened, WaitingTask
from baton.store.database import Database
from baton.store.functions import Answer, Function, Query, effects_of, outcome_of

_OPEN = Function(
    "open_checkpoint",
    run_id="uuid",
    step_id="text",
    execution="text",
    digest="text",
    token="text",
    approval_id="uuid",
    review_url="text",
)
_DECIDE = Function(
    "decide_approval",
    run_id="uuid",
    approval_id="uuid",
    user_id="uuid",
    decision="text",
    notes="text",
    modifications="jsonb",
    overrides="jsonb",
)
_APPROVAL_OF_STEP = Query("approval_of_step", run_id="uuid", step_id="text")
_EXPIRE = Function("expire_approval", run_id="uuid", approval_id="uuid", execution="text")


class Checkpoints:
    """Implements ``ports.checkpoints.CheckpointRecord`` for the checkpoint function's login.

    ``review_url`` is where people review: the address of an approval is that, a slash and its id.
    """

    def __init__(self, database: Database, review_url: str) -> None:
        self._database = database
        self._review_url = review_url

    def open(self, task: WaitingTask) -> Opened:
        approval_id = str(ids.new_id())  # of the approval, if there is none yet
        answer = _OPEN.answer(
            self._database,
            run_id=task.run_id,
            step_id=task.step_id,
            execution=task.execution,
            digest=task.digest,
            token=task.token,
            approval_id=approval_id,
            review_url=f"{self._review_url}/{approval_id}",
        )
        return Opened(
            outcome=outcome_of(answer, CheckpointOutcome), approval_id=answer["approvalId"], effects=effects_of(answer)
        )

    def approval_of_step(self, run_id: str, step_id: str) -> str | None:
        approval_id: str | None = _APPROVAL_OF_STEP(self._database, run_id=run_id, step_id=step_id)
        return approval_id


class Approvals:
    """Implements ``ports.checkpoints.ApprovalRecord`` for the approval function's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def decide(self, command: DecisionCommand) -> DecisionTaken:
        answer = _DECIDE.answer(
            self._database,
            run_id=command.run_id,
            approval_id=command.approval_id,
            user_id=command.user_id,
            decision=command.decision,
            notes=command.notes,
            modifications=Jsonb(dict(command.modifications)),
            overrides=Jsonb(dict(command.overrides)),
        )
        return _taken(answer, DecideOutcome)

    def expire(self, run_id: str, approval_id: str, execution: str | None) -> DecisionTaken:
        answer = _EXPIRE.answer(self._database, run_id=run_id, approval_id=approval_id, execution=execution)
        return _taken(answer, ExpireOutcome)


def _taken(answer: Answer, outcomes: type[DecideOutcome | ExpireOutcome]) -> DecisionTaken:
    """The answer of an approval that was not found has an outcome alone."""
    fields = {
        "outcome": answer["outcome"],
        "step_id": answer.get("stepId"),
        "attempt_number": answer.get("attemptNumber"),
        "run_status": answer.get("runStatus"),
        "decision": answer.get("decision"),
        "decided_by": answer.get("decidedBy"),
        "decided_at": answer.get("decidedAt"),
    }
    return DecisionTaken.from_json(fields, outcomes, effects_of(answer))
