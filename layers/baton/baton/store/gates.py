"""Gates in Postgres."""

from __future__ import annotations

from baton.model import GateOutcome
from baton.ports.checkpoints import OpenResult, WaitingTask
from baton.store.database import Database
from baton.store.functions import Function, effects_of, outcome_of

_OPEN = Function(
    "open_gate",
    run_id="uuid",
    step_id="text",
    execution="text",
    digest="text",
    token="text",
    history_events="integer",
)


class Gates:
    """For the gate function's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, task: WaitingTask) -> OpenResult[GateOutcome]:
        answer = _OPEN.answer(
            self._database,
            run_id=task.run_id,
            step_id=task.step_id,
            execution=task.execution,
            digest=task.digest,
            token=task.token,
            history_events=task.history_events,
        )
        return OpenResult(
            outcome=outcome_of(answer, GateOutcome),
            attempt_number=answer["attemptNumber"],
            organization=answer["organization"],
            approval_id=None,
            effects=effects_of(answer),
        )
