"""Approvals in Postgres: what a decision must fit, and the decision itself."""

from __future__ import annotations

from datetime import date

from psycopg.types.json import Jsonb

from baton.model import DecideOutcome, ExpireOutcome, Role
from baton.plan import Plan
from baton.ports.approvals import ApprovalTerms, DecisionCommand, DecisionResult
from baton.store.database import Database
from baton.store.functions import Answer, Function, Query, effects_of

_TERMS = Query("approval_terms", user_id="uuid", approval_id="uuid", with_plan="boolean")
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
_EXPIRED = Query("expired_approvals", engine_id="text", limit="integer")
_EXPIRE = Function("expire_approval", run_id="uuid", approval_id="uuid", execution="text")


class ApprovalReads:
    """For the API's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def terms(self, *, approval_id: str, user_id: str, with_plan: bool) -> ApprovalTerms | None:
        terms = _TERMS(self._database, user_id=user_id, approval_id=approval_id, with_plan=with_plan)
        if terms is None:
            return None
        return ApprovalTerms(
            run_id=terms["runId"],
            organization=terms["organization"],
            roles=frozenset(map(Role, terms["roles"])),
            plan=Plan.from_json(terms["plan"]) if with_plan else None,
            parameters=terms["parameters"],
            today=date.fromisoformat(terms["today"]),
        )


class ExpiredApprovals:
    """For the relay's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, engine_id: str, limit: int) -> list[tuple[str, str]]:
        """The (run id, approval id) of undecided approvals whose time is over, of this engine's open runs."""
        expired = _EXPIRED(self._database, engine_id=engine_id, limit=limit)
        return [(one["runId"], one["approvalId"]) for one in expired]


class Approvals:
    """For the approval function's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def decide(self, command: DecisionCommand) -> DecisionResult:
        """Takes a person's decision."""
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
        return _result(answer, DecideOutcome)

    def expire(self, run_id: str, approval_id: str, execution: str | None) -> DecisionResult:
        """Takes the definition's decision after a time-out. ``execution`` is that of the Task that has timed out; None:
        the sweep asks, and a Task may still wait for the decision."""
        answer = _EXPIRE.answer(self._database, run_id=run_id, approval_id=approval_id, execution=execution)
        return _result(answer, ExpireOutcome)


def _result(answer: Answer, outcomes: type[DecideOutcome | ExpireOutcome]) -> DecisionResult:
    """If there is no such approval, the answer has only an outcome."""
    fields = {
        "outcome": answer["outcome"],
        "step_id": answer.get("stepId"),
        "attempt_number": answer.get("attemptNumber"),
        "run_status": answer.get("runStatus"),
        "decision": answer.get("decision"),
        "decided_by": answer.get("decidedBy"),
        "decided_at": answer.get("decidedAt"),
    }
    return DecisionResult.from_json(fields, outcomes, effects_of(answer))
