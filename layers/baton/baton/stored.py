"""Frozen dataclasses as JSON of the record: the field ``max_parallel`` is the key ``maxParallel``.

A missing key gets the field's default, because JSON of an earlier version lacks the newer fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import partial
from typing import Any, ClassVar, Self

Json = dict[str, Any]
StoredField = tuple[str, str, Callable[[Any], Any]]
"""The name of a field, its JSON key, and what reads its value."""

_FIELDS: dict[Any, tuple[StoredField, ...]] = {}  # of each class, from its first use on


class Stored:
    """``PARTS`` has the type of each field that holds another stored dataclass, a tuple of them, or None. ``WORDS`` has
    the enum of each field that holds a word, an object of words, or None. ``VALUES`` are fields with any JSON value, in
    which a list stays a list; in other fields it is a tuple."""

    __slots__ = ()
    PARTS: ClassVar[Mapping[str, type[Stored]]] = {}
    WORDS: ClassVar[Mapping[str, type[StrEnum]]] = {}
    VALUES: ClassVar[frozenset[str]] = frozenset()

    def to_json(self) -> Json:
        return {key: _plain(getattr(self, name)) for name, key, _ in _stored_fields(type(self))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{name: read(data[key]) for name, key, read in _stored_fields(cls) if key in data})


def _stored_fields(cls: Any) -> tuple[StoredField, ...]:
    if cls not in _FIELDS:
        _FIELDS[cls] = tuple((field.name, _camel_case(field.name), _reader(cls, field.name)) for field in fields(cls))
    return _FIELDS[cls]


def _reader(cls: type[Stored], name: str) -> Callable[[Any], Any]:
    if name in cls.WORDS:
        return partial(_read_words, cls.WORDS[name])
    if name in cls.PARTS:
        return partial(_read_parts, cls.PARTS[name])
    return _read_value if name in cls.VALUES else _read_field


def _read_words(word: type[StrEnum], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: word(item) for key, item in value.items()}
    return None if value is None else word(value)


def _read_parts(part: type[Stored], value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(part.from_json, value))
    return None if value is None else part.from_json(value)


def _read_field(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _read_value(value: Any) -> Any:
    return value


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
