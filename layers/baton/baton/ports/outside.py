"""What is reached beside the record: agents, and whatever a commit ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from baton.outbox import Effect


class Agents(Protocol):
    def call(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Mapping[str, Any]:
        """The agent's answer, as it was given.

        Raises:
            agents.AgentCallFailed: it could not be reached, did not answer in time, or raised.
        """
        ...


class Effects(Protocol):
    def deliver(self, effects: Sequence[Effect]) -> None:
        """Does what can be done now; what fails stays in the outbox for the relay. Never raises for that."""
        ...
