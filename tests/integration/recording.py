"""Ports that record their calls instead of acting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from baton.compiler.machine import Machine
from baton.errors import EngineUnavailable
from baton.outbox import Effect


@dataclass
class RecordingEffects:
    """Records the effects that a boundary hands over for delivery."""

    effects: list[Effect] = field(default_factory=list)

    def deliver(self, effects: Sequence[Effect]) -> None:
        self.effects.extend(effects)

    def kinds(self) -> list[str]:
        return [effect.payload["type"] if effect.kind == "event" else effect.kind for effect in self.effects]


@dataclass
class RecordingMachines:
    """Records the machines that it should make, or ``fails``."""

    machines: list[Machine] = field(default_factory=list)
    fails: bool = False

    def make(self, machine: Machine) -> str:
        if self.fails:
            raise EngineUnavailable("Step Functions does not answer")
        self.machines.append(machine)
        return f"x-{machine.digest}"

    @property
    def names(self) -> list[str]:
        return [f"x-{machine.digest}" for machine in self.machines]
