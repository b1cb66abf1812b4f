"""Faults of a state machine, and their places in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from baton.suggestions import did_you_mean

At = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")  # RFC 3339


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; ``at`` are the keys and indices that lead to it."""

    at: At
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"

    @property
    def where(self) -> str:
        """The place as text: ``States["fetch: review"].Retry[0]``."""
        text = ""
        for part in self.at:
            if isinstance(part, int):
                text += f"[{part}]"
            elif _PLAIN.fullmatch(part):
                text += f".{part}" if text else part
            else:
                text += f'["{part}"]'
        return text or "the state machine"


def unknown_fields(section: Mapping[str, Any], known: Collection[str], what: str, at: At) -> Iterator[Fault]:
    for name in section:
        if name not in known:
            yield Fault((*at, name), f"{what} has no field `{name}`" + did_you_mean(name, known))


def missing_fields(section: Mapping[str, Any], required: Collection[str], what: str, at: At) -> Iterator[Fault]:
    for name in required:
        if name not in section:
            yield Fault(at, f"{what} needs `{name}`")


def text(section: Mapping[str, Any], name: str, at: At) -> Iterator[Fault]:
    """A missing field is no fault."""
    if not isinstance(section.get(name, ""), str):
        yield Fault((*at, name), f"must be text, not {section[name]!r}")


def moment(value: Any, at: At) -> Iterator[Fault]:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        yield Fault(at, f"must be a moment like 2024-03-14T01:59:00Z, not {value!r}")


def whole_number(section: Mapping[str, Any], name: str, lowest: int, highest: int, at: At) -> Iterator[Fault]:
    """A missing field is no fault."""
    value = section.get(name, lowest)
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        yield Fault((*at, name), f"must be a whole number from {lowest} to {highest}, not {value!r}")
