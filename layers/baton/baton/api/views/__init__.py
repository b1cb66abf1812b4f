"""Rows of the record → the JSON that callers see: camelCase, moments in UTC, ids as text, nothing private.

A view is a TypedDict, which OpenAPI shows. ``filled`` makes it of a row.
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


def filled(view: type[View], source: Row | DataclassInstance, **values: Any) -> View:
    """A view of a row or a dataclass. ``values`` are fields that the source lacks, or has in another form.

    The field ``stepId`` is the column ``step_id``. A field without a column that is itself a view gets the columns that
    begin with its name: ``definition`` gets ``definition_id``, ``definition_name`` …. It is null if all of these are
    null and the view allows it. A list of rows becomes a list of views.

    Raises:
        KeyError: a required field of the view has no column.
    """
    return cast(View, {**_object(view, source, without=values.keys()), **values})


def _object(
    view: type, source: Row | DataclassInstance, prefix: str = "", without: Collection[str] = ()
) -> dict[str, Any]:
    row = source if isinstance(source, Mapping) else {one.name: getattr(source, one.name) for one in fields(source)}
    answer: dict[str, Any] = {}
    for field, column, hint, required in _fields(view):
        name = prefix + (column if prefix + column in row else field)  # keys of JSON are those of the view
        nested = prefix + column + "_"
        part = _part(hint)
        if field in without:
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
    """The value. If ``part`` is a view, the view of the row, or of each row of a list."""
    if isinstance(value, list | tuple):
        return [_value(part, item) for item in value]
    return value if part is None or value is None else _object(part, value)


@cache
def _fields(view: type) -> tuple[tuple[str, str, Any, bool], ...]:
    """Name, column and type of each field, and whether it is required."""
    full_hints = get_type_hints(view, include_extras=True)
    return tuple(
        (
            field,
            re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", field),
            hint,
            get_origin(full_hints[field]) is not NotRequired,
        )
        for field, hint in get_type_hints(view).items()
    )


@cache
def _part(hint: Any) -> type | None:
    """The view in ``View``, ``View | None`` and ``list[View]``. None for a view without required fields, because its
    value is JSON and not columns."""
    inner = hint
    if get_origin(inner) in (Union, types.UnionType):
        inner = next(member for member in get_args(inner) if member is not type(None))
    if get_origin(inner) is list:
        inner = get_args(inner)[0]
    return inner if is_typeddict(inner) and inner.__required_keys__ else None
