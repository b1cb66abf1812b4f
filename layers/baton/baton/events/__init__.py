"""What subscribers get: one model an event, from which ``docs/events`` is made."""

from baton.events.types import EVENTS, AnyEvent

__all__ = ["EVENTS", "AnyEvent"]
