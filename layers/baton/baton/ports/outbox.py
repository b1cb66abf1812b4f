"""Effects that were ordered and could not be delivered yet, as people see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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


class UndeliveredEffects(Protocol):
    """Effects that failed at least once, in organisations that the caller is a member of."""

    def roles(self, *, user_id: str) -> Mapping[str, frozenset[str]]:
        """Organisation → the caller's roles in it."""
        ...

    def roles_for(self, *, user_id: str, effect_id: str) -> frozenset[str]:
        """The caller's roles in the organisation of an effect; none if there is no such effect."""
        ...

    def failed(
        self, *, user_id: str, organizations: Sequence[str], failures: int, limit: int
    ) -> Sequence[FailedEffect]:
        """Those that failed at least so often, oldest first."""
        ...

    def redrive(self, *, user_id: str, effect_id: str) -> FailedEffect | None:
        """Makes it due now; None if it was delivered meanwhile."""
        ...

    def redrive_all(self, *, user_id: str, organizations: Sequence[str]) -> int:
        """Makes all of them due now; how many."""
        ...
