"""The call of the summarizer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baton.agents.contract import AgentTask


def read_task(event: Any) -> AgentTask:
    """The call. A context that is no object becomes ``{"context": context}``. Raises ``Malformed``.

    A definition may give one output of a step as the whole context (``context: "{{ steps.research.notes }}"``). The
    contract needs an object, the summarizer does not.
    """
    match event:
        case {"payload": {"context": context, **others}} if not isinstance(context, Mapping):
            event = {**event, "payload": {**others, "context": {"context": context}}}
    return AgentTask.parse(event)
