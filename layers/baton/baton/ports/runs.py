"""What passes between a launch or a fork and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baton.model import Role, RunStatus, SkipReason, StepStatus
from baton.outbox import Effect
from baton.plan import Plan


@dataclass(frozen=True)
class LaunchContext:
    """What a launch finds: the caller's roles, the agent it addressed, the definition it asked for (None: not
    there). ``key_is_used``: a run of the organisation was made with the idempotency key before."""

    organization_id: str
    roles: frozenset[Role]
    agent_slug: str | None
    definition_id: str | None
    plan: Plan | None
    key_is_used: bool


@dataclass(frozen=True)
class EngineIdentity:
    """The deployment that drives a run. ``execution_prefix`` is the ARN of its executions up to the machine's name."""

    id: str
    execution_prefix: str


@dataclass(frozen=True)
class NewRun:
    run_id: str
    organization_id: str
    definition_id: str
    user_id: str
    engine: EngineIdentity
    options: Mapping[str, Any]
    parameters: Mapping[str, Any]
    idempotency_key: str | None
    request_hash: str


@dataclass(frozen=True)
class RecordedRun:
    """The run a launch ended up with: its own, whose ``plan`` the launch has (None), or the one that an earlier launch
    with the same key made."""

    run_id: str
    status: RunStatus
    definition_id: str
    owner_agent_slug: str
    plan: Plan | None
    request_hash: str | None
    effects: Sequence[Effect]


@dataclass(frozen=True)
class SourceStep:
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
    steps: Mapping[str, SourceStep]
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
    reused: Mapping[str, SourceStep]
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
