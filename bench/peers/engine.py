"""The protocol of a peer's adapter. This module needs only the standard library; an adapter imports only its peer."""

from __future__ import annotations

from typing import Protocol

from bench.workloads import Workload, text


class Engine(Protocol):
    """An engine with its own database. It must be durable: when ``run`` returns, every step is in the database."""

    def publish(self, workload: Workload) -> None:
        """Register the workload, if the engine needs that."""

    def run(self, workload: Workload) -> None:
        """Launch one run, answer its pauses, and return when it has ended. If the engine allows it, parallel steps run
        one after the other: CPU is measured, not time."""

    def close(self) -> None: ...


def work(workload: Workload, step_id: str, seen: list[str]) -> str:
    """The agent, which answers at once."""
    if len(seen) != len(workload.steps[step_id]):
        raise AssertionError(f"{step_id} got {len(seen)} outputs of {len(workload.steps[step_id])} dependencies")
    return text(workload.output, len(seen))
