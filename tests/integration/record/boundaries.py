"""Every boundary of the record, each with a state of the record in which it has something to do. The tests in
``test_repeated_boundaries.py`` lose the answer of each after its commit, and repeat it.

The list is the methods of ``baton.store``: a method that is neither here nor in ``READS`` fails a test. To add a
boundary, add a function to ``boundaries_of_….py`` that prepares the record and returns the call:

    @boundary("Steps.begin", login="step")
    def begin(engine: Engine) -> Call:
        delivery = engine.delivery(engine.launch(), FETCH, "run")
        return lambda database: Steps(database).begin(delivery, 60.0)

The second call must get the same answer as the first and leave the record as it is. ``differs`` lists each exception,
with its reason or its consequence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from baton.store.database import Database

from .engine import EngineFixture

Call = Callable[[Database], Any]


@dataclass(frozen=True)
class Boundary:
    """``method`` is a class and a method of ``baton.store``; ``login`` calls it."""

    method: str
    login: str
    prepare: Callable[[EngineFixture], Call]
    differs: Mapping[str, str] = field(default_factory=dict)


BOUNDARIES: dict[str, Boundary] = {}


def boundary(
    method: str, *, login: str, case: str = "", differs: Mapping[str, str] | None = None
) -> Callable[[Callable[[EngineFixture], Call]], Callable[[EngineFixture], Call]]:
    """``case`` distinguishes several boundaries of one method."""

    def register(prepare: Callable[[EngineFixture], Call]) -> Callable[[EngineFixture], Call]:
        name = f"{method} ({case})" if case else method
        assert name not in BOUNDARIES, f"{name} is there already"
        BOUNDARIES[name] = Boundary(method, login, prepare, differs or {})
        return prepare

    return register


TAKEN_BEFORE = {"answer.outcome: taken → same": "its caller answers both alike"}

# Methods that only read. (A test calls each of them in a read-only transaction.)
READS = (
    "Adoptions.now", "ExecutionEnds.unknown", "ApprovalReads.terms", "Checkpoints.approval_of_step",
    "Contents.agent_value", "Contents.definition_value", "Contents.deliverable", "Contents.deliverable_by_name",
    "Contents.output", "Contents.run_value", "ExpiredApprovals.due", "Forks.earlier", "Forks.source",
    "Launches.context", "Launches.earlier",
    "MembersTable.members", "MembersTable.membership", "OrganizationsTable.organization",
    "OutboxTable.effect_to_complete", "OutboxTable.newest_token", "LibraryTable.agent", "LibraryTable.definition",
    "LibraryTable.library", "Reads.agent", "Reads.agents", "Reads.approval", "Reads.approvals", "Reads.definition",
    "Reads.definitions", "Reads.deliverable", "Reads.events", "Reads.organizations", "Reads.run", "Reads.run_part",
    "Reads.run_status", "Reads.runs", "Reads.versions", "Recoveries.terms", "ServiceTokensTable.bearer",
    "ServiceTokensTable.tokens",
    "Settlements.pinned", "Stream.__call__", "WebhooksTable.deliveries", "WebhooksTable.webhooks",
    "FailedEffects.failed", "FailedEffects.roles", "FailedEffects.roles_for", "ExecutionLaunches.launcher",
)  # fmt: skip
