"""Adopt runs: give open runs of this engine their next executions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baton.usecases.relay_outbox import SWEEP_MARGIN_SECONDS

if TYPE_CHECKING:
    from baton.store.recovery import Adoptions

MAX_RUNS = 10_000
_BATCH = 50


@dataclass(frozen=True)
class AdoptRuns:
    """Gives open runs their next executions. Only a stack that starts calls this: none of its earlier executions
    runs."""

    record: Adoptions
    relay: Callable[[Callable[[], float]], object]
    engine_id: str

    def __call__(
        self, seconds_left: Callable[[], float], *, before: str | None = None, limit: int = MAX_RUNS
    ) -> dict[str, Any]:
        """Adopts and starts runs in batches, until ``limit`` runs are adopted, the time is over, or no run is left.

        Returns ``{"adopted", "before", "isThrough"}``. The first call chooses the instant ``before``; each further call
        gets it and adopts runs that are left."""
        before, adopted = before or self.record.now(), 0
        while adopted < limit and seconds_left() > SWEEP_MARGIN_SECONDS:
            batch = self.record.adopt(self.engine_id, ordered_before=before, limit=_BATCH)
            self.relay(seconds_left)
            if not batch:
                return {"adopted": adopted, "before": before, "isThrough": True}
            adopted += len(batch)
        return {"adopted": adopted, "before": before, "isThrough": False}
