"""The details of the Amazon States Language that our compiler uses."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Asl = Mapping[str, Any]


class StateError(Exception):
    """A state failed, under the name that ``ErrorEquals`` matches."""

    def __init__(self, name: str, cause: str = "") -> None:
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause


def choose(state: Asl, data: Any) -> str:
    """The state that a Choice goes on with."""
    for rule in state["Choices"]:
        if _at(data, rule["Variable"]) == rule["StringEquals"]:
            return str(rule["Next"])
    return str(state["Default"])


def delay(state: Asl, error: StateError, used: Counter[int]) -> float | None:
    """Seconds until the next try; None if there is none. The first retrier that names the error decides; ``used`` has
    its number of tries."""
    for number, retrier in enumerate(state.get("Retry", ())):
        if _matches(retrier, error):
            if used[number] >= retrier.get("MaxAttempts", 3):
                return None
            used[number] += 1
            grown = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** (used[number] - 1)
            return float(min(grown, retrier.get("MaxDelaySeconds", math.inf)))
    return None


def catcher(state: Asl, error: StateError) -> Asl | None:
    return next((one for one in state.get("Catch", ()) if _matches(one, error)), None)


def items(state: Asl, data: Any) -> Sequence[Any]:
    """The items of a Map."""
    found: Sequence[Any] = _at(data, state["ItemsPath"])
    return found


def fill_template(template: Any, data: Any, context: Mapping[str, Any]) -> Any:
    """A payload template; ``context`` is the context object ``$$``."""
    if isinstance(template, Mapping):
        return {
            key.removesuffix(".$"): _reference(value, data, context)
            if key.endswith(".$")
            else fill_template(value, data, context)
            for key, value in template.items()
        }
    return [fill_template(one, data, context) for one in template] if isinstance(template, list) else template


def place_result(data: Any, path: str | None, result: Any) -> Any:
    """``data`` with the result at a ``ResultPath``."""
    if path is None:
        return data
    _, *names = path.split(".")
    if not names:
        return result
    changed = dict(data)
    inner = changed
    for name in names[:-1]:
        inner[name] = dict(inner.get(name, {}))
        inner = inner[name]
    inner[names[-1]] = result
    return changed


def _matches(rule: Asl, error: StateError) -> bool:
    return error.name in rule["ErrorEquals"] or "States.ALL" in rule["ErrorEquals"]


def _reference(path: str, data: Any, context: Mapping[str, Any]) -> Any:
    return _at(context, path[1:]) if path.startswith("$$") else _at(data, path)


def _at(data: Any, path: str) -> Any:
    root, *names = path.split(".")
    if root != "$":
        raise NotImplementedError(path)
    for name in names:
        try:
            data = data[name]
        except (KeyError, TypeError) as error:
            raise StateError("States.Runtime", f"{path} leads nowhere in {json.dumps(data)}") from error
    return data
