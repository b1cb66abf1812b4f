"""The words of the record, each spelt once: roles, statuses, kinds, actions, outcomes.

``docs/state-machine.md`` draws the moves between the statuses. If a word has a column, a CHECK constraint of
``supabase/migrations`` lists the same words. ``tests/integration/record/test_words.py`` compares the two, and compares
outcomes with the answers of ``supabase/schemas``.

If a word is new here, mypy refuses every ``match`` that does not know it yet.
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
    ConfirmEndOutcome,
    DecideOutcome,
    ExpireOutcome,
    GateOutcome,
    PutMemberOutcome,
    PutTimeZoneOutcome,
    RecoverOutcome,
    Refusal,
    RemoveMemberOutcome,
    SettleRunOutcome,
    SettleStepOutcome,
)
from baton.model.runs import (
    CHILD_OUTPUTS,
    LAUNCH_MACHINE,
    MAX_RUN_LEVELS,
    ExecutionStatus,
    RecoveryAction,
    RunEnd,
    RunStatus,
    RunUpdate,
)
from baton.model.steps import AttemptStatus, Mode, QueueReason, SkipReason, StepStatus, StepType
from baton.model.tasks import CheckpointTask, PrepareAnswer, StepTask, TaskMode
from baton.model.webhooks import (
    PING,
    AttemptResult,
    ClaimOutcome,
    CreateWebhookOutcome,
    DeliveryStatus,
    DisabledReason,
    FinishOutcome,
    RedeliverOutcome,
    UpdateWebhookOutcome,
    WebhookStatus,
)

__all__ = [
    "CHILD_OUTPUTS",
    "GLOBAL",
    "LAUNCH_MACHINE",
    "MAX_RUN_LEVELS",
    "PING",
    "AbortOutcome",
    "AgentKind",
    "ApprovalStatus",
    "AttemptResult",
    "AttemptStatus",
    "Backoff",
    "BeginOutcome",
    "CheckpointOutcome",
    "CheckpointTask",
    "ClaimOutcome",
    "CloseReason",
    "ConfirmEndOutcome",
    "CreateWebhookOutcome",
    "DecideOutcome",
    "Decision",
    "DeliveryStatus",
    "DisabledReason",
    "EffectKind",
    "EventType",
    "ExecutionStatus",
    "ExpireOutcome",
    "FinishOutcome",
    "GateOutcome",
    "MemberKind",
    "Mode",
    "OnChildFailure",
    "ParameterType",
    "PrepareAnswer",
    "Principal",
    "PutMemberOutcome",
    "PutTimeZoneOutcome",
    "QueueReason",
    "RecoverOutcome",
    "RecoveryAction",
    "RedeliverOutcome",
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
    "UpdateWebhookOutcome",
    "WebhookStatus",
]
