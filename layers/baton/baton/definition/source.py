"""A source document: the data of a file, with the place of each part in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baton.definition.problems import Path, Problem


@dataclass(frozen=True, slots=True)
class Span:
    """The place of a value or key: offsets in the text, from 0."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """``data`` is JSON. ``values`` and ``keys`` have the place in ``text`` of the value and the key at each path."""

    file: str
    text: str
    data: Any
    values: Mapping[Path, Span]
    keys: Mapping[Path, Span]

    def locate(self, path: Path) -> tuple[int, int]:
        """Line and column of the value at ``path``, or of the nearest value around it. Both count from 1."""
        while path and path not in self.values:
            path = path[:-1]
        return self._position(self.values[path].start if path in self.values else 0)

    def locate_key(self, path: Path) -> tuple[int, int]:
        """Line and column of the last key of ``path``."""
        span = self.keys.get(path)
        return self.locate(path) if span is None else self._position(span.start)

    def locate_text(self, path: Path, fragment: str, offset: int = 0) -> tuple[int, int]:
        """Line and column of ``fragment`` (plus ``offset``) inside the string at ``path``."""
        span = self.values.get(path)
        at = -1 if span is None else self.text.find(fragment, span.start, span.end)
        return self.locate(path) if at < 0 else self._position(at + offset)

    def key_in(self, path: Path, name: str) -> str:
        """The spelling of the key ``name`` in the section at ``path``: as it is or in camelCase."""
        camel_case = "".join(word.capitalize() if at else word for at, word in enumerate(name.split("_")))
        return camel_case if (*path, camel_case) in self.keys else name

    def problem(self, path: Path, message: str, suggestion: str | None = None, *, at_key: bool = False) -> Problem:
        """A problem of the value at ``path``, or of its key."""
        line, column = self.locate_key(path) if at_key else self.locate(path)
        return Problem(self.file, line, column, path, message, suggestion)

    def _position(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
