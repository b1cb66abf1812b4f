"""The words of the API's fields: statuses, decisions, actions, roles and types of events."""

from __future__ import annotations

from typing import Literal, TypeAlias

RunStatus: TypeAlias = Literal["pending", "running", "checkpoint", "completed", "failed", "aborted"]
StepStatus: TypeAlias = Literal["pending", "queued", "running", "checkpoint", "completed", "failed", "skipped"]
AttemptStatus: TypeAlias = Literal["running", "completed", "failed"]
ApprovalStatus: TypeAlias = Literal["pending", "decided", "expired", "closed"]
Decision: TypeAlias = Literal["continue", "retry", "abort"]
TimeoutAction: TypeAlias = Literal["continue", "abort", "fail"]
RecoveryAction: TypeAlias = Literal["retry", "skip", "abort"]
Role: TypeAlias = Literal["viewer", "operator", "approver", "admin"]
StepType: TypeAlias = Literal["agent", "orchestration"]
WebhookStatus: TypeAlias = Literal["unverified", "active", "disabled"]
DeliveryStatus: TypeAlias = Literal["pending", "delivered", "failed"]
EventType: TypeAlias = Literal[
    "orchestration.run.created",
    "orchestration.run.updated",
    "orchestration.run.completed",
    "orchestration.run.failed",
    "orchestration.run.aborted",
    "orchestration.step.queued",
    "orchestration.step.running",
    "orchestration.step.completed",
    "orchestration.step.failed",
    "orchestration.step.skipped",
    "orchestration.step_failed",
    "orchestration.checkpoint.requested",
    "orchestration.checkpoint.resolved",
]
