"""What subscribers get: one model an event, from which ``docs/events`` is made."""

from cli.authoring.events.types import EVENTS

__all__ = ["EVENTS"]
