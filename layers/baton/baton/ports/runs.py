"""Launches and forks of runs: what they need of the record, and what they write to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from baton.model import Role, RunStatus, SkipReason, StepStatus, WebhookStatus
from baton.outbox import Effect
from baton.plan import Plan

CALLBACK = "callback"  # the option of a run with the webhook and the events of its callback


@dataclass(frozen=True)
class RegisteredWebhook:
    """The organisation's webhook with the URL of a launch's callback."""

    id: str
    status: WebhookStatus


@dataclass(frozen=True)
class LaunchContext:
    """What a launch needs: the caller's roles, the agent, the definition and the webhook of the callback (None: there
    is none). ``today`` is the day in the organisation's time zone. ``key_is_used``: the organisation has a run with the
    same idempotency key."""

    organization_id: str
    roles: frozenset[Role]
    agent_slug: str | None
    definition_id: str | None
    plan: Plan | None
    today: date
    key_is_used: bool
    webhook: RegisteredWebhook | None


@dataclass(frozen=True)
class EngineIdentity:
    """The deployment that drives a run. ``execution_prefix`` is the ARN of its executions up to the machine's name."""

    id: str
    execution_prefix: str


@dataclass(frozen=True)
class NewRun:
    """``launching_execution`` is the ARN of the execution that launches the run, if one does."""

    run_id: str
    organization_id: str
    definition_id: str
    user_id: str
    engine: EngineIdentity
    options: Mapping[str, Any]
    parameters: Mapping[str, Any]
    idempotency_key: str | None
    request_hash: str
    launching_execution: str | None = None


@dataclass(frozen=True)
class RecordedRun:
    """The result of a launch: its new run, or the run of an earlier launch with the same key. ``plan`` is None for a
    new run, because the launch has it. ``execution`` is the ARN of its newest execution."""

    run_id: str
    status: RunStatus
    definition_id: str
    owner_agent_slug: str
    plan: Plan | None
    request_hash: str | None
    execution: str
    effects: Sequence[Effect]


@dataclass(frozen=True)
class SourceStep:
    """A step of the earlier run. ``outputs`` are those that its dependents see."""

    status: StepStatus
    outputs: Mapping[str, Any] | None
    attempt_number: int
    skip_reason: SkipReason | None


@dataclass(frozen=True)
class ForkSource:
    """A run to fork, and the definition for the fork (None: there is no such version, or it is archived).
    ``today`` is the day in the organisation's time zone. ``key_is_used``: the organisation has a run with the same
    idempotency key."""

    organization_id: str
    organization: str
    roles: frozenset[Role]
    definition_name: str
    definition_id: str | None
    plan: Plan | None
    parameters: Mapping[str, Any]
    today: date
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
    """The result of a fork: its new run, or the run of an earlier request with the same key."""

    run_id: str
    status: RunStatus
    request_hash: str | None
    effects: Sequence[Effect]
