"""Effects whose delivery failed so far, for people to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from baton.model import EffectKind


@dataclass(frozen=True)
class FailedEffect:
    """``last_error`` is the error of the last try, ``next_try_at`` the time of the next one by the relay. It has no
    payload: no caller needs one, and a payload could leak."""

    id: str
    run_id: str
    organization: str
    kind: EffectKind
    failures: int
    last_error: str
    next_try_at: datetime
    created_at: datetime
