"""What passes between a decision on an approval and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self

from baton.model import DecideOutcome, Decision, ExpireOutcome, Role, RunStatus, TimeoutAction
from baton.outbox import Effect
from baton.plan import Plan


@dataclass(frozen=True)
class DecisionCommand:
    """A person's decision. ``overrides`` are those of its modifications that are named like a parameter.
    Without ``user_id`` it is the clock's: nobody decided in time, and ``execution`` (its ARN) waits no longer."""

    run_id: str
    approval_id: str
    user_id: str | None
    decision: Decision
    notes: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    execution: str | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "decision": Decision(data["decision"])})


@dataclass(frozen=True)
class DecisionResult:
    """``outcome`` is a DecideOutcome for a person's decision, an ExpireOutcome for the clock's. ``decision`` is the one
    that holds, whoever took it: ``fail`` is the definition's alone."""

    outcome: DecideOutcome | ExpireOutcome
    effects: Sequence[Effect]
    step_id: str | None = None
    attempt_number: int | None = None
    run_status: RunStatus | None = None
    decision: Decision | Literal[TimeoutAction.FAIL] | None = None
    decided_by: str | None = None
    decided_at: str | None = None

    @classmethod
    def from_json(
        cls, data: Mapping[str, Any], outcomes: type[DecideOutcome | ExpireOutcome], effects: Sequence[Effect]
    ) -> Self:
        """``data`` has the other fields, under their own names. Raises ValueError for a word that is not one of its
        enum's."""
        status, decision = data["run_status"], data["decision"]
        words = {
            "outcome": outcomes(data["outcome"]),
            "run_status": None if status is None else RunStatus(status),
            "decision": None if decision is None else _decision(decision),
        }
        return cls(**{**data, **words}, effects=effects)


def _decision(word: str) -> Decision | Literal[TimeoutAction.FAIL]:
    return TimeoutAction.FAIL if word == TimeoutAction.FAIL else Decision(word)


@dataclass(frozen=True)
class ApprovalTerms:
    """What a decision on an approval may contain. ``plan`` is there if it was asked for."""

    run_id: str
    organization: str
    roles: frozenset[Role]
    plan: Plan | None
    parameters: Mapping[str, Any]


class ApprovalFunction(Protocol):
    def decide(self, command: DecisionCommand) -> DecisionResult: ...
