"""Virtual time. The record's clock is Postgres', which cannot be set: so what the record dates moves into the past."""

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
)


@dataclass
class FakeClock:
    """``seconds`` since the play began."""

    owner: psycopg.Connection[Any]
    seconds: float = 0.0

    def tick(self) -> None:
        """What happens one after the other never happens in the same moment; for the record that is no time at all."""
        self.seconds += 0.001

    def pass_to(self, moment: float) -> None:
        seconds, self.seconds = moment - self.seconds, moment
        for table, column in _DATED:
            self.owner.execute(f"update {table} set {column} = {column} - make_interval(secs => %s)", (seconds,))
