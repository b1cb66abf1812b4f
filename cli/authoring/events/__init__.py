"""The models of the events that subscribers and webhooks receive. ``docs/events`` is generated from them."""

from cli.authoring.events.types import EVENTS, WEBHOOK_EVENTS

__all__ = ["EVENTS", "WEBHOOK_EVENTS"]
