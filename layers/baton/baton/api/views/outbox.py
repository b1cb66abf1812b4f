"""What could not be delivered yet."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from baton.model import EffectKind
from baton.outbox import STUCK_AFTER
from baton.ports.outbox import FailedEffect
from baton.words import AnsweredWord


class EffectView(TypedDict):
    """``stuck``: it failed so often that somebody should look."""

    id: str
    runId: str
    organization: str
    kind: AnsweredWord[EffectKind]
    failures: int
    stuck: bool
    lastError: str | None
    nextTryAt: datetime
    createdAt: datetime


def effect(undelivered: FailedEffect) -> EffectView:
    return {
        "id": undelivered.id,
        "runId": undelivered.run_id,
        "organization": undelivered.organization,
        "kind": undelivered.kind,
        "failures": undelivered.failures,
        "stuck": undelivered.failures >= STUCK_AFTER,
        "lastError": undelivered.last_error,
        "nextTryAt": undelivered.next_try_at,
        "createdAt": undelivered.created_at,
    }
