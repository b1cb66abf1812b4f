"""Virtual time. The record uses the clock of Postgres, which cannot be set. So the record's times move back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

_DATED = (
    ("baton.outbox", "available_at"),
    ("baton.execution_checks", "checked_at"),
    ("human_approvals", "expires_at"),
    ("orchestration_step_attempts", "lease_until"),
    ("orchestration_events", "created_at"),
    ("orchestration_runs", "completed_at"),
    ("orchestration_runs", "ends_at"),
)


@dataclass
class FakeClock:
    """``seconds`` since the play began."""

    owner: psycopg.Connection[Any]
    seconds: float = 0.0

    def tick(self) -> None:
        """Two calls never happen at the same moment. For the record this time is negligible."""
        self.seconds += 0.001

    def pass_to(self, moment: float) -> None:
        seconds, self.seconds = moment - self.seconds, moment
        for table, column in _DATED:
            self.owner.execute(f"update {table} set {column} = {column} - make_interval(secs => %s)", (seconds,))
