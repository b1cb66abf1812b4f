"""Recovery of runs: commands to the record, its answers, and the state of executions in Step Functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from baton.model import (
    AbortOutcome,
    ConfirmEndOutcome,
    ExecutionStatus,
    RecoverOutcome,
    Role,
    RunEnd,
    RunStatus,
    SettleRunOutcome,
    StepStatus,
)
from baton.outbox import Effect
from baton.plan import Plan


@dataclass(frozen=True)
class StepState:
    """The state of a step. ``continues``: if the step fails, its run goes on. ``has_child``: its current attempt has a
    child run."""

    status: StepStatus
    continues: bool
    has_child: bool


@dataclass(frozen=True)
class RecoveryTerms:
    """What an action on a run must fit. ``roles`` are the caller's, ``parameters`` those in force. ``today`` is the
    day in the organisation's time zone. ``error`` is empty if there is none. ``steps`` has no items of for_each
    steps."""

    run_id: str
    organization: str
    roles: frozenset[Role]
    status: RunStatus
    generation: int
    plan: Plan
    parameters: Mapping[str, Any]
    today: date
    error: Mapping[str, Any]
    root_run_id: str
    steps: Mapping[str, StepState]


@dataclass(frozen=True)
class RecoverCommand:
    """Starts the next execution of a run that failed in ``generation``. With ``outputs``, the step ``step_id`` is
    skipped and has these outputs. Without, it gets the person's ``modifications``."""

    run_id: str
    generation: int
    user_id: str
    step_id: str | None
    note: str | None = None
    outputs: Mapping[str, Any] | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    modifications: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AbortCommand:
    run_id: str
    user_id: str
    note: str | None = None


@dataclass(frozen=True)
class SettleCommand:
    """``error`` is ``{"type", "message"}``."""

    run_id: str
    generation: int
    status: RunEnd
    error: Mapping[str, Any]


ActionOutcome = TypeVar("ActionOutcome", RecoverOutcome, AbortOutcome, SettleRunOutcome)


@dataclass(frozen=True)
class ActionResult(Generic[ActionOutcome]):
    """``run_status`` is None if there is no such run, or the caller may not see it."""

    outcome: ActionOutcome
    run_status: RunStatus | None
    generation: int
    effects: Sequence[Effect]


@dataclass(frozen=True)
class PinnedRun:
    """The plan of a run, and the ``machine`` that it must use, by its name without the stack's prefix.
    ``organization`` owns the definition."""

    plan: Plan
    organization: str
    machine: str
    is_child: bool


@dataclass(frozen=True)
class UncheckedRun:
    """``execution`` is the ARN of the run's newest execution."""

    run_id: str
    generation: int
    execution: str


@dataclass(frozen=True)
class ExpectedEnd:
    """An execution (ARN) that should be over: its run has ended, or has a newer execution."""

    run_id: str
    generation: int
    execution: str


@dataclass(frozen=True)
class ConfirmEndResult:
    outcome: ConfirmEndOutcome
    effects: Sequence[Effect]


@dataclass(frozen=True)
class ExecutionDescription:
    """What Step Functions says of an execution. ``error`` and ``cause`` are None unless the execution failed."""

    status: ExecutionStatus
    error: str | None = None
    cause: str | None = None


class Executions(Protocol):
    def describe(self, execution: str) -> ExecutionDescription | None:
        """The state of the execution with that ARN; None if Step Functions knows none."""
        ...

    def machines(self) -> Sequence[str]:
        """The ARNs of this deployment's state machines that drive runs, sorted."""
        ...

    def launches(self, execution: str) -> bool:
        """Whether the execution launches a run, and so drives none."""
        ...

    def running(self, machine: str) -> Sequence[str]:
        """The ARNs of a state machine's running executions."""
        ...
