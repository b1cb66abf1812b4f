"""Decisions on approvals: the command to the record, and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol, Self

from baton.model import DecideOutcome, Decision, ExpireOutcome, Role, RunStatus, TimeoutAction
from baton.outbox import Effect
from baton.plan import Plan


@dataclass(frozen=True)
class DecisionCommand:
    """A person's decision. ``overrides`` are the modifications with the name of a parameter. Without a ``user_id``, it
    asks for the definition's decision after a time-out, for the execution with the ARN ``execution``."""

    run_id: str
    approval_id: str
    user_id: str | None
    decision: Decision
    notes: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    execution: str | None = None

    def to_json(self) -> dict[str, Any]:
        """All fields under their own names."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "decision": Decision(data["decision"])})


@dataclass(frozen=True)
class DecisionResult:
    """``outcome`` is a DecideOutcome for a person's decision, an ExpireOutcome after a time-out. ``decision`` is the
    one in force: of this command or an earlier one. Only the definition can decide ``fail``."""

    outcome: DecideOutcome | ExpireOutcome
    effects: Sequence[Effect]
    step_id: str | None = None
    attempt_number: int | None = None
    run_status: RunStatus | None = None
    decision: Decision | Literal[TimeoutAction.FAIL] | None = None
    decided_by: str | None = None
    decided_at: str | None = None

    def to_json(self) -> dict[str, Any]:
        """All fields under their own names, but not the effects: they are delivered already, or the relay will."""
        return {name: value for name, value in vars(self).items() if name != "effects"}

    @classmethod
    def from_json(
        cls, data: Mapping[str, Any], outcomes: type[DecideOutcome | ExpireOutcome], effects: Sequence[Effect]
    ) -> Self:
        """``data`` has the other fields under their own names. Raises ValueError for an unknown word."""
        status, decision = data["run_status"], data["decision"]
        words = {
            "outcome": outcomes(data["outcome"]),
            "run_status": None if status is None else RunStatus(status),
            "decision": None if decision is None else _decision(decision),
        }
        return cls(**{**data, **words}, effects=effects)


def _decision(word: str) -> Decision | Literal[TimeoutAction.FAIL]:
    """A person's or the definition's. Raises ValueError for an unknown word."""
    return Decision(word) if word in list(Decision) else TimeoutAction(word).decision


@dataclass(frozen=True)
class ApprovalTerms:
    """What a decision must fit. ``plan`` is None unless the query asked for it. ``roles`` are the caller's,
    ``today`` is the day in the organisation's time zone."""

    run_id: str
    organization: str
    roles: frozenset[Role]
    plan: Plan | None
    parameters: Mapping[str, Any]
    today: date


class ApprovalService(Protocol):
    def decide(self, command: DecisionCommand) -> DecisionResult: ...
