"""Deliver effects of the outbox: completions of checkpoints, and all effects whose writer did not deliver them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from baton.errors import BatonError, TaskGone
from baton.outbox import Effect, Outbox

if TYPE_CHECKING:
    from baton.store.outbox import OutboxTable

SWEEP_MARGIN_SECONDS = 15.0  # at the end of the sweep's time, in which no batch begins: the last one must end in it
_BATCH = 50


class TokenMissing(BatonError):
    """A decided approval has no token: its Task has not stored one yet."""


class DecisionMissing(BatonError):
    """An effect completes an approval, but the record has no decision for it."""


class TaskStillWaiting(BatonError):
    """Step Functions refused a token, but the execution that waits for it is running. The relay will try again."""


class WaitingTasks(Protocol):
    def complete(self, token: str, output: Mapping[str, Any]) -> None: ...

    def is_running(self, execution: str) -> bool: ...


@dataclass(frozen=True)
class CompleteCheckpoints:
    """Sends the recorded decisions to the Tasks that wait for them. Only the approval function has the right."""

    tokens: OutboxTable
    tasks: WaitingTasks

    def __call__(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._complete(effect, effect.payload["approvalId"])

    def deliver(self, effect_id: str) -> None:
        """Delivers one effect of another function, unless it has been delivered meanwhile."""
        effect = self.tokens.effect_to_complete(effect_id)
        if effect is not None:
            self._complete(effect, effect.payload["approvalId"])

    def _complete(self, effect: Effect, approval_id: str) -> None:
        decision = effect.payload["decision"]
        if decision is None:
            raise DecisionMissing(f"approval {approval_id} is not decided")
        token = effect.token or self._newest(approval_id)
        try:
            self.tasks.complete(token, {"decision": decision})
        except TaskGone as error:
            # Three reasons are harmless: the Task is complete, a newer token has replaced this one and gets the
            # decision itself, or the execution has ended and the next one will ask again. But a Task that still waits
            # is a fault.
            newest = self.tokens.newest_token(approval_id)
            if newest is not None and newest.token == token and self.tasks.is_running(newest.execution):
                raise TaskStillWaiting(f"approval {approval_id}: {error}") from error

    def _newest(self, approval_id: str) -> str:
        waiting = self.tokens.newest_token(approval_id)
        if waiting is None:
            raise TokenMissing(f"approval {approval_id} has no token")
        return waiting.token


@dataclass(frozen=True)
class RelayOutbox:
    """The sweep over all due effects, on a schedule."""

    due: OutboxTable
    deliveries: Outbox
    engine_id: str

    def __call__(self, seconds_left: Callable[[], float]) -> dict[str, int]:
        """Delivers due effects, as many as the time allows. Returns ``{"claimed": n}``. A claim lasts a minute only, so
        each batch is claimed after the delivery of the one before."""
        claimed = 0
        while seconds_left() > SWEEP_MARGIN_SECONDS and (batch := self.due.claim_due(self.engine_id, _BATCH)):
            self.deliveries.deliver(batch)
            self.deliveries.wait()
            claimed += len(batch)
        return {"claimed": claimed}
