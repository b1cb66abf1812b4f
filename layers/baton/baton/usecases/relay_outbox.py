"""Deliver what a commit left to do: the completion of a checkpoint's Task, and whatever its writer could not
deliver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from baton.errors import BatonError, TaskGone
from baton.outbox import Effect, Outbox

if TYPE_CHECKING:
    from baton.store.outbox import OutboxTable

SWEEP_MARGIN_SECONDS = 15.0  # what is not begun by then is left to the next sweep: a batch must fit in
_BATCH = 50


class TokenMissing(BatonError):
    """A decided approval has no token: its checkpoint has not stored one yet."""


class NothingDecided(BatonError):
    """An effect asks for the completion of an approval on which the record has no decision."""


class TaskStillWaiting(BatonError):
    """Step Functions refused a token, yet the execution that waits for it is running; it will be tried again."""


class Tasks(Protocol):
    def complete(self, token: str, output: Mapping[str, Any]) -> None: ...

    def is_running(self, execution: str) -> bool: ...


@dataclass(frozen=True)
class CompleteCheckpoints:
    """Sends decisions, as the record has them, to the Tasks that wait for them. Only the approval function is able
    to."""

    tokens: OutboxTable
    tasks: Tasks

    def __call__(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._complete(effect, effect.payload["approvalId"])

    def deliver(self, effect_id: str) -> None:
        """The same of one effect that another function left, unless it was delivered meanwhile."""
        effect = self.tokens.effect_to_complete(effect_id)
        if effect is not None:
            self._complete(effect, effect.payload["approvalId"])

    def _complete(self, effect: Effect, approval_id: str) -> None:
        decision = effect.payload["decision"]
        if decision is None:
            raise NothingDecided(f"approval {approval_id} is not decided")
        token = effect.token or self._newest(approval_id)
        try:
            self.tasks.complete(token, {"decision": decision})
        except TaskGone as error:
            # Completed already, replaced by a newer token that gets its own answer when it is stored, or its
            # execution is over and the run's next one will ask again: all of these are fine. A Task that still waits
            # is not.
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
    """The scheduled sweep."""

    due: OutboxTable
    deliveries: Outbox
    engine_id: str

    def __call__(self, seconds_left: Callable[[], float]) -> dict[str, int]:
        """Delivers what is due, as much as there is time for: ``{"claimed": n}``. A batch is claimed when the one
        before it is through: what is claimed is nobody else's for a minute only."""
        claimed = 0
        while seconds_left() > SWEEP_MARGIN_SECONDS and (batch := self.due.claim_due(self.engine_id, _BATCH)):
            self.deliveries.deliver(batch)
            self.deliveries.wait()
            claimed += len(batch)
        return {"claimed": claimed}
