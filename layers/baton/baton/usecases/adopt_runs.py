"""Adopt runs: give every open run of this engine its next execution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baton.store.recovery import Adoptions


@dataclass(frozen=True)
class AdoptRuns:
    """For a stack that starts and knows that none of its executions is running."""

    record: Adoptions
    relay: Callable[[], object]
    engine_id: str

    def __call__(self) -> Mapping[str, int]:
        """Run id → the generation that it starts."""
        generations = self.record.adopt(self.engine_id)
        self.relay()
        return generations
