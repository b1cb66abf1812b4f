"""Tasks that wait with a token, at a gate or a checkpoint, and the record's answer to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from baton.model import CheckpointOutcome, GateOutcome, Refusal
from baton.outbox import Effect


@dataclass(frozen=True)
class WaitingTask:
    """A Task state that waits with ``token`` for a person's decision or at a gate."""

    run_id: str
    step_id: str
    generation: int
    digest: str
    token: str
    execution: str


OpenOutcome = TypeVar("OpenOutcome", GateOutcome, CheckpointOutcome)


@dataclass(frozen=True)
class OpenResult(Generic[OpenOutcome]):
    """``approval_id`` is None at a gate, and if the step waits for no person."""

    outcome: OpenOutcome | Refusal
    approval_id: str | None
    effects: Sequence[Effect]
