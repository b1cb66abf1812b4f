"""What passes between a fork and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from baton.model import Role, RunStatus, SkipReason, StepStatus
from baton.outbox import Effect
from baton.plan import Plan
from baton.ports.runs import EngineIdentity


@dataclass(frozen=True)
class StepDone:
    """How far a step of the run to fork is. ``outputs`` are what its dependents see."""

    status: StepStatus
    outputs: Mapping[str, Any] | None
    attempt_number: int
    skip_reason: SkipReason | None


@dataclass(frozen=True)
class ForkSource:
    """A run to fork, and the definition that its fork follows (None: there is no such version, or it was archived).
    ``key_is_used``: a run of the organisation was made with the idempotency key before."""

    organization_id: str
    organization: str
    roles: frozenset[Role]
    definition_name: str
    definition_id: str | None
    plan: Plan | None
    parameters: Mapping[str, Any]
    options: Mapping[str, Any]
    steps: Mapping[str, StepDone]
    key_is_used: bool


@dataclass(frozen=True)
class NewFork:
    run_id: str
    source_run_id: str
    step_id: str
    definition_id: str
    user_id: str
    engine: EngineIdentity
    options: Mapping[str, Any]
    parameters: Mapping[str, Any]
    overrides: Mapping[str, Any]
    modifications: Mapping[str, Any]
    reused: Mapping[str, StepDone]
    note: str | None
    idempotency_key: str | None
    request_hash: str


@dataclass(frozen=True)
class ForkedRun:
    """The run that a fork ended up with: its own, or the one that an earlier request with the same key made."""

    run_id: str
    status: RunStatus
    request_hash: str | None
    effects: Sequence[Effect]


class ForkRecord(Protocol):
    def source(
        self, *, user_id: str, run_id: str, version: str | None, idempotency_key: str | None
    ) -> ForkSource | None:
        """None: there is no such run, or the caller is not a member of its organisation."""
        ...

    def earlier(self, *, user_id: str, organization_id: str, idempotency_key: str) -> ForkedRun:
        """The run that was made with the key. Raises errors.Forbidden if the caller is a member no more."""
        ...

    def insert(self, fork: NewFork) -> ForkedRun:
        """Raises errors.Forbidden if the caller is an operator of the organisation no more."""
        ...
