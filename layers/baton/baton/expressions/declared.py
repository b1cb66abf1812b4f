"""What expressions know of a parameter: its type and its enum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, assert_never

from baton.expressions.values import typed
from baton.model import ParameterType


@dataclass(frozen=True, slots=True)
class DeclaredParameter:
    """``enum`` None allows every value of the type."""

    type: ParameterType
    enum: tuple[Any, ...] | None = None

    @property
    def sample(self) -> Any:
        """A value that the parameter may have. It is a text that is no date if possible, which is in no order with
        a date."""
        if self.enum and self.item is None:
            texts = (value for value in self.enum if not isinstance(typed(ParameterType.DATE, value), date))
            return typed(self.type, next(texts, self.enum[0]))
        return _sample(self.type)

    @property
    def item(self) -> DeclaredParameter | None:
        """An item of the parameter, or None if it is no list."""
        return None if self.type.item is None else DeclaredParameter(self.type.item, self.enum)


def _sample(declared: ParameterType) -> Any:
    """A value of the type, to try an expression on."""
    match declared:
        case ParameterType.STRING:
            return "text"
        case ParameterType.NUMBER | ParameterType.INTEGER:
            return 1
        case ParameterType.BOOLEAN:
            return True
        case ParameterType.DATE:
            return date(2024, 1, 1)
        case ParameterType.STRINGS:
            return ["text"]
        case ParameterType.NUMBERS:
            return [1]
        case ParameterType.OBJECT:
            return {}
        case _:
            assert_never(declared)
