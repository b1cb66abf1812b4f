"""Rows of the record → the JSON that callers see: camelCase, moments in UTC, ids as text, nothing private.

A view is a TypedDict. It is the documentation (OpenAPI shows it), and `filled` makes it of a row.
"""

from __future__ import annotations

import re
import types
from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, NotRequired, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from typing_extensions import is_typeddict

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = Mapping[str, Any]
View = TypeVar("View", bound=Mapping[str, Any])


def filled(view: type[View], source: Row | DataclassInstance, **shown: Any) -> View:
    """A view of a row, or of a dataclass. ``shown`` are the fields that it does not have as they are shown.

    The field ``stepId`` is the column ``step_id``. A field that is a view itself, and no column, is filled from the
    columns that begin with its name: ``definition`` from ``definition_id``, ``definition_name`` …; it is null if all of
    these are and the view allows it. A view of each row is made of a list of rows.

    Raises:
        KeyError: a field that the view requires has no column.
    """
    return cast(View, {**_object(view, source, given=shown.keys()), **shown})


def _object(
    view: type, source: Row | DataclassInstance, prefix: str = "", given: Collection[str] = ()
) -> dict[str, Any]:
    row = source if isinstance(source, Mapping) else {one.name: getattr(source, one.name) for one in fields(source)}
    answer: dict[str, Any] = {}
    for field, column, hint, required in _fields(view):
        name = prefix + (column if prefix + column in row else field)  # JSON says it as the view does
        nested = prefix + column + "_"
        part = _part(hint)
        if field in given:
            answer[field] = None  # keeps its place
        elif name in row:
            answer[field] = _value(part, row[name])
        elif part is not None and any(other.startswith(nested) for other in row):
            inner = _object(part, row, nested)
            answer[field] = None if type(None) in get_args(hint) and not any(inner.values()) else inner
        elif required:
            raise KeyError(f"{view.__name__}.{field}: the row has no column {name}")
    return answer


def _value(part: type | None, value: Any) -> Any:
    """``value`` as it is, unless it is a row, or a list of rows, of which ``part`` is the view."""
    if isinstance(value, list | tuple):
        return [_value(part, item) for item in value]
    return value if part is None or value is None else _object(part, value)


@cache
def _fields(view: type) -> tuple[tuple[str, str, Any, bool], ...]:
    """Name, column and type of each field, and whether it is required."""
    written = get_type_hints(view, include_extras=True)
    return tuple(
        (
            field,
            re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", field),
            hint,
            get_origin(written[field]) is not NotRequired,
        )
        for field, hint in get_type_hints(view).items()
    )


@cache
def _part(hint: Any) -> type | None:
    """The view in ``View``, ``View | None`` and ``list[View]``, if it has columns: one that is all optional is JSON."""
    inner = hint
    if get_origin(inner) in (Union, types.UnionType):
        inner = next(member for member in get_args(inner) if member is not type(None))
    if get_origin(inner) is list:
        inner = get_args(inner)[0]
    return inner if is_typeddict(inner) and inner.__required_keys__ else None
