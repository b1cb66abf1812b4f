"""The base of every section of a file, which refuses unknown fields, and the forms of names."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from baton.model import Mode
from baton.words import Word

MAX_STEP_ID_CHARACTERS = 60  # state names are at most 80 characters, and a step's states append a word to its id


def _matching(pattern: str, rule: str) -> AfterValidator:
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise PydanticCustomError("pattern", "`{value}` {rule}", {"value": value, "rule": rule})
        return value

    return AfterValidator(check)


def _one_line_without_substitution(value: str) -> str:
    """Refuses ``${…}``: names are in comments of the state machine, where SAM would replace it."""
    if "${" in value:
        raise PydanticCustomError("substitution", "must not contain `{what}`", {"what": "${"})
    return value


Slug = Annotated[
    str, _matching(r"[a-z0-9][a-z0-9-]{0,59}", "must be lower-case letters, digits and hyphens, at most 60 characters")
]
StepId = Annotated[
    str,
    _matching(
        rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{MAX_STEP_ID_CHARACTERS - 1}}}",
        f"must be letters, digits, `-` and `_`, at most {MAX_STEP_ID_CHARACTERS} characters",
    ),
]
Identifier = Annotated[
    str,
    _matching(r"[A-Za-z_][A-Za-z0-9_]{0,59}", "must be letters, digits and `_`, not starting with a digit"),
]
Version = Annotated[str, _matching(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}", "must be three numbers, like 1.0.0")]
Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line_without_substitution)]
ModeInAnyCase = Annotated[Word[Mode], BeforeValidator(lambda mode: mode.upper() if isinstance(mode, str) else mode)]


def either(*names: str) -> AliasChoices:
    """Both spellings of a field. Errors name the one in the file."""
    return AliasChoices(*names)


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)
