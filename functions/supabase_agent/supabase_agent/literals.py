"""Values as SQL literals, because ``execute_sql`` takes one text and no parameters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from supabase_agent.problems import CannotAnswer

MAX_EXPONENT = 30  # of a factor; a larger one is a mistake, and its zeros would fill the statement


def text(value: str) -> str:
    """A string literal that has the same meaning with every value of ``standard_conforming_strings``."""
    if "\x00" in value:
        raise CannotAnswer(f"a name cannot contain a NUL character: {value!r}")
    quoted = "'" + value.replace("'", "''") + "'"
    return " E" + quoted.replace("\\", "\\\\") if "\\" in value else quoted


def day(value: date) -> str:
    return f"date '{value.isoformat()}'"


def uuid(value: str) -> str:
    """A uuid literal. Raises ``ValueError`` for any other text, so the statement gets hexadecimal digits only."""
    return f"uuid '{UUID(value)}'"


def number(value: Any) -> str:
    """A numeric literal of an int or a Decimal. Raises ``CannotAnswer`` for any other value."""
    factor = Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else Decimal("NaN")
    if not factor.is_finite() or abs(factor.adjusted()) > MAX_EXPONENT:
        raise CannotAnswer(f"a factor of a formula must be a number, not {value!r}")
    return f"{factor:f}"
