"""What subscribers get: one model an event, from which ``docs/events`` is made."""

from baton.events.types import EVENTS

__all__ = ["EVENTS"]
