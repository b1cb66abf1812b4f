"""What use cases reach beside the record: agents, and the effects of a commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from baton.outbox import Effect


class AgentCalls(Protocol):
    def call(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Mapping[str, Any]:
        """The agent's answer, unchanged.

        Raises:
            errors.AgentCallFailed: there is no usable answer.
        """
        ...


class EffectDelivery(Protocol):
    def deliver(self, effects: Sequence[Effect]) -> None:
        """Delivers what it can now. A failed effect stays in the outbox for the relay and raises no error here."""
        ...
