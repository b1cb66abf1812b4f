"""Values as SQL literals, because ``execute_sql`` takes one text and no parameters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from supabase_agent.problems import CannotAnswer

LARGEST_EXPONENT = 30  # of a factor: beyond this it is a mistake, and writing it out would fill the statement


def text(value: str) -> str:
    """A string literal that means the same whatever ``standard_conforming_strings`` says."""
    if "\x00" in value:
        raise CannotAnswer(f"a name cannot hold a NUL character: {value!r}")
    quoted = "'" + value.replace("'", "''") + "'"
    return " E" + quoted.replace("\\", "\\\\") if "\\" in value else quoted


def day(value: date) -> str:
    return f"date '{value.isoformat()}'"


def uuid(value: str) -> str:
    """A uuid literal. Raises ``ValueError`` for anything else, so nothing but hexadecimal digits gets through."""
    return f"uuid '{UUID(value)}'"


def number(value: Any) -> str:
    """A numeric literal of an int or a Decimal, as JSON is read here. Raises ``CannotAnswer`` for anything else."""
    factor = Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else Decimal("NaN")
    if not factor.is_finite() or abs(factor.adjusted()) > LARGEST_EXPONENT:
        raise CannotAnswer(f"a factor of a formula must be a number, not {value!r}")
    return f"{factor:f}"
