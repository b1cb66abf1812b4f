"""The events of one run as lines for people. A reason that is repeated is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FAILED_ATTEMPT = "step.failed"
FAILED_FOR_GOOD = ("step_failed", "run.failed")


class EventLines:
    """Remembers the last error of every step, because an agent often fails again for the same reason."""

    def __init__(self) -> None:
        self._errors: dict[str, str] = {}

    def line(self, event: Mapping[str, Any]) -> str:
        """``09:00:01  step.failed           fetch-kpi-data (attempt 2, to be tried again): the reason``."""
        name, data = event["type"].removeprefix("orchestration."), event["data"]
        about = " ".join(filter(None, [data.get("stepId"), _item(data), _attempt(name, data)]))
        detail = data.get("decision") or data.get("reason") or self._error(name, data)
        return f"{event['time'][11:19]}  {name:<20}  {': '.join(filter(None, [about, detail]))}".rstrip()

    def _error(self, name: str, data: Mapping[str, Any]) -> str:
        """The message. For a repeated message: ``the same reason`` at a failed attempt, else nothing."""
        message = str((data.get("error") or {}).get("message") or "")
        step_id = str(data.get("stepId") or "")
        if not message or self._errors.get(step_id) != message:
            self._errors[step_id] = message
            return message
        return "" if name in FAILED_FOR_GOOD else "the same reason"


def _item(data: Mapping[str, Any]) -> str:
    return f"item {data['itemIndex']}" if "itemIndex" in data else ""


def _attempt(name: str, data: Mapping[str, Any]) -> str:
    number = data.get("attemptNumber", 1)
    if name == FAILED_ATTEMPT:
        return f"(attempt {number}{', to be tried again' if data.get('willRetry') else ''})"
    return f"(attempt {number})" if number > 1 else ""
