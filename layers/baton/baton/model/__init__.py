"""The words of the record, each spelt once: who acts, what there is, how it stands, and what an answer may be.

``docs/state-machine.md`` draws the moves between the statuses. Where a word has a column, a CHECK constraint of
``supabase/migrations`` holds the same words; ``tests/integration/record/test_words.py`` compares the two, and the
outcomes with what ``supabase/schemas`` can answer.

A word that is added here alone is refused by mypy at every ``match`` that must know it.
"""

from __future__ import annotations

from baton.model.checkpoints import ApprovalStatus, CloseReason, Decision, TimeoutAction
from baton.model.definitions import AgentKind, Backoff, OnChildFailure, ParameterType, TransportType
from baton.model.effects import EffectKind, EventType
from baton.model.members import GLOBAL, MemberKind, Principal, Role
from baton.model.outcomes import (
    AbortOutcome,
    BeginOutcome,
    CheckpointOutcome,
    DecideOutcome,
    ExpireOutcome,
    GateOutcome,
    PutMemberOutcome,
    RecoverOutcome,
    Refusal,
    RemoveMemberOutcome,
    SettleRunOutcome,
    SettleStepOutcome,
)
from baton.model.runs import (
    CHILD_OUTPUTS,
    MAX_RUN_LEVELS,
    ExecutionStatus,
    RecoveryAction,
    RunEnd,
    RunStatus,
    RunUpdate,
)
from baton.model.steps import AttemptStatus, Mode, QueueReason, SkipReason, StepStatus, StepType
from baton.model.tasks import CheckpointTask, PrepareAnswer, StepTask, TaskMode

__all__ = [
    "CHILD_OUTPUTS",
    "GLOBAL",
    "MAX_RUN_LEVELS",
    "AbortOutcome",
    "AgentKind",
    "ApprovalStatus",
    "AttemptStatus",
    "Backoff",
    "BeginOutcome",
    "CheckpointOutcome",
    "CheckpointTask",
    "CloseReason",
    "DecideOutcome",
    "Decision",
    "EffectKind",
    "EventType",
    "ExecutionStatus",
    "ExpireOutcome",
    "GateOutcome",
    "MemberKind",
    "Mode",
    "OnChildFailure",
    "ParameterType",
    "PrepareAnswer",
    "Principal",
    "PutMemberOutcome",
    "QueueReason",
    "RecoverOutcome",
    "RecoveryAction",
    "Refusal",
    "RemoveMemberOutcome",
    "Role",
    "RunEnd",
    "RunStatus",
    "RunUpdate",
    "SettleRunOutcome",
    "SettleStepOutcome",
    "SkipReason",
    "StepStatus",
    "StepTask",
    "StepType",
    "TaskMode",
    "TimeoutAction",
    "TransportType",
]
