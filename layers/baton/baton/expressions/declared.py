"""What expressions know of a parameter: its type and its enum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from baton.expressions.evaluation import typed

# One value of each type, to try an expression on.
_SAMPLES: Mapping[str, Any] = {
    "string": "text",
    "number": 1,
    "integer": 1,
    "boolean": True,
    "date": date(2024, 1, 1),
    "string[]": ["text"],
    "number[]": [1],
    "object": {},
}


@dataclass(frozen=True, slots=True)
class DeclaredParameter:
    """``type`` is one of ``parameters.TYPES``; ``enum`` None allows every value of the type."""

    type: str
    enum: tuple[Any, ...] | None = None

    @property
    def sample(self) -> Any:
        """A value that the parameter may have."""
        if self.enum and not self.type.endswith("[]"):
            return typed(self.type, self.enum[0])
        return _SAMPLES[self.type]

    @property
    def item(self) -> DeclaredParameter | None:
        """An item of the parameter, or None if it is no list."""
        return DeclaredParameter(self.type.removesuffix("[]"), self.enum) if self.type.endswith("[]") else None
