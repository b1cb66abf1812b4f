"""What an adapter of a peer does. Nothing but the standard library: each adapter imports its own peer alone."""

from __future__ import annotations

from typing import Protocol

from bench.workloads import Workload, text


class Engine(Protocol):
    """Works in one database, which is its own. Durable: when ``run`` returns, every step is in the database."""

    def publish(self, workload: Workload) -> None:
        """Makes the workload known, where the engine needs that."""

    def run(self, workload: Workload) -> None:
        """Launches one run, answers its pauses, and returns when it has ended. Steps that could run side by side run
        one after the other, where the engine leaves the choice: CPU is measured, not time."""

    def close(self) -> None: ...


def work(workload: Workload, step_id: str, seen: list[str]) -> str:
    """The agent, which answers at once."""
    if len(seen) != len(workload.steps[step_id]):
        raise AssertionError(f"{step_id} saw {len(seen)} outputs of those that it waits for")
    return text(workload.output, len(seen))
