"""Frozen dataclasses as JSON of the record: the field ``max_parallel`` is the key ``maxParallel``.

A missing key gets the field's default, because JSON of an earlier version lacks the newer fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self

Json = dict[str, Any]


class Stored:
    """``PARTS`` has the type of each field that holds another stored dataclass, a tuple of them, or None. ``WORDS`` has
    the enum of each field that holds a word, or None."""

    __slots__ = ()
    PARTS: ClassVar[Mapping[str, type[Stored]]] = {}
    WORDS: ClassVar[Mapping[str, type[StrEnum]]] = {}

    def to_json(self) -> Json:
        return {key: _plain(getattr(self, name)) for name, key in _keys(type(self))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{name: cls._read(name, data[key]) for name, key in _keys(cls) if key in data})

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        word = cls.WORDS.get(name)
        if word is not None:
            return None if value is None else word(value)
        part = cls.PARTS.get(name)
        if isinstance(value, list):
            return tuple(value if part is None else map(part.from_json, value))
        return value if part is None or value is None else part.from_json(value)


def _keys(cls: Any) -> Iterator[tuple[str, str]]:
    """Field name and JSON key of every field."""
    return ((field.name, _camel_case(field.name)) for field in fields(cls))


@cache
def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _plain(value: Any) -> Any:
    match value:
        case Stored():
            return value.to_json()
        case tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return dict(value)
    return value
