"""Tasks that wait with a token, at a gate or a checkpoint, and the record's answer to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from baton import history
from baton.model import CheckpointOutcome, GateOutcome, Refusal
from baton.outbox import Effect


@dataclass(frozen=True)
class WaitingTask:
    """A Task state that waits with ``token`` for a person's decision or at a gate. ``retry_count`` is the number of its
    earlier tries."""

    run_id: str
    step_id: str
    generation: int
    digest: str
    token: str
    execution: str
    retry_count: int = 0

    @property
    def history_events(self) -> int:
        return history.of_waiting(self.retry_count)

    @classmethod
    def of_call(cls, event: Mapping[str, Any]) -> Self:
        """The Task of an event. Executions that began before the last deployment send no ``retry_count``."""
        return cls(
            run_id=event["run_id"],
            step_id=event["step_id"],
            generation=event["generation"],
            digest=event["digest"],
            token=event["token"],
            execution=event["execution"],
            retry_count=event.get("retry_count", 0),
        )


OpenOutcome = TypeVar("OpenOutcome", GateOutcome, CheckpointOutcome)


@dataclass(frozen=True)
class OpenResult(Generic[OpenOutcome]):
    """``approval_id`` is None at a gate, and if the step waits for no person. ``attempt_number`` and ``organization``
    (its slug) are None if there is no such step."""

    outcome: OpenOutcome | Refusal
    attempt_number: int | None
    organization: str | None
    approval_id: str | None
    effects: Sequence[Effect]
