"""What passes between a decision on an approval and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from baton.outbox import Effect
from baton.plan import Plan


@dataclass(frozen=True)
class DecisionCommand:
    """A person's decision. ``overrides`` are those of its modifications that are named like a parameter.
    Without ``user_id`` it is the clock's: nobody decided in time, and ``execution`` (its ARN) waits no longer."""

    run_id: str
    approval_id: str
    user_id: str | None
    decision: str
    notes: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    execution: str | None = None


@dataclass(frozen=True)
class DecisionTaken:
    """``outcome`` is one of ``taken``, ``same``, ``decided``, ``expired``, ``ended``, ``forbidden``, ``not_found``,
    ``not_offered``, ``not_modifiable`` or, for the clock, ``not_expired`` and ``stale_generation``."""

    outcome: str
    effects: Sequence[Effect]
    step_id: str | None = None
    attempt_number: int | None = None
    run_status: str | None = None
    decision: str | None = None
    decided_by: str | None = None
    decided_at: str | None = None


@dataclass(frozen=True)
class ApprovalTerms:
    """What a decision on an approval may contain. ``plan`` is there if it was asked for."""

    run_id: str
    organization: str
    roles: frozenset[str]
    plan: Plan | None
    parameters: Mapping[str, Any]


class ApprovalFunction(Protocol):
    def decide(self, command: DecisionCommand) -> DecisionTaken: ...
