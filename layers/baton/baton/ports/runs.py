"""What passes between a launch and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from baton.model import Role, RunStatus
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


class LaunchRecord(Protocol):
    def context(
        self,
        *,
        user_id: str,
        organization: str,
        agent: str | None,
        orchestration: str,
        version: str | None,
        shared_only: bool,
        idempotency_key: str | None,
    ) -> LaunchContext | None:
        """``shared_only`` looks the agent and the orchestration up in ``global`` alone.

        None: there is no such organisation, or the caller is not a member.
        """
        ...

    def earlier(self, *, user_id: str, organization_id: str, idempotency_key: str) -> RecordedRun:
        """The run that was made with the key. Raises errors.Forbidden if the caller is a member no more."""
        ...

    def insert(self, run: NewRun) -> RecordedRun:
        """Raises errors.Forbidden if the caller is an operator of the organisation no more."""
        ...
