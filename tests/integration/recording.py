"""Ports that record their calls instead of acting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from baton.compiler.machine import Machine
from baton.errors import EngineUnavailable
from baton.machines import machine_name
from baton.outbox import Effect
from baton.ports.library import DefinitionVersion


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
    names: list[str] = field(default_factory=list)
    fails: bool = False

    def name_of(self, machine: Machine, of: DefinitionVersion) -> str:
        return machine_name("test-", of, machine.digest)

    def make(self, machine: Machine, of: DefinitionVersion) -> str:
        if self.fails:
            raise EngineUnavailable("Step Functions does not answer")
        self.machines.append(machine)
        self.names.append(self.name_of(machine, of))
        return self.names[-1]
