"""The models of the events that subscribers receive. ``docs/events`` is generated from them."""

from cli.authoring.events.types import EVENTS

__all__ = ["EVENTS"]
