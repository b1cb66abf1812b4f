"""A StrEnum of the model as the type of a pydantic field.

In pydantic's own schema of an enum, a value is a ``$ref`` to a component, and strict validation refuses its text.
``Word[Decision]`` has the schema and the validation of a ``Literal`` of its words. The field holds the enum's member.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import EnumType, StrEnum
from typing import Annotated, Any, TypeVar, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

W = TypeVar("W", bound=StrEnum)


class _ByItsText:
    def __get_pydantic_core_schema__(self, source: Any, _: GetCoreSchemaHandler) -> CoreSchema:
        members = {str(member): member for member in _members(source)}
        return core_schema.no_info_after_validator_function(
            members.__getitem__, core_schema.literal_schema(list(members))
        )


class _AsText:
    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema()


def _members(source: Any) -> Iterator[StrEnum]:
    """The members of an enum, of a Literal of members, or of a union of these."""
    if isinstance(source, StrEnum):
        yield source
    elif isinstance(source, EnumType):
        yield from source.__members__.values()
    else:
        for part in get_args(source):
            yield from _members(part)


Word = Annotated[W, _ByItsText()]
"""For requests and events: these words and no others."""

AnsweredWord = Annotated[W, _AsText()]
"""For answers of the API. Its schema is text, because a later version may have more words."""
