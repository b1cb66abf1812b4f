"""Effects that were ordered and could not be delivered yet, as people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from baton.model import EffectKind


@dataclass(frozen=True)
class FailedEffect:
    """``kind`` is what was to be done, ``last_error`` why it was not the last time, ``next_try_at`` when the relay will
    try again. Never the payload: nobody needs it, and nothing in it can leak so."""

    id: str
    run_id: str
    organization: str
    kind: EffectKind
    failures: int
    last_error: str
    next_try_at: datetime
    created_at: datetime
