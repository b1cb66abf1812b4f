"""The shape of ``definitions/agents/*.yaml``."""

from __future__ import annotations

from typing import Any, LiteralString, Self, assert_never

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from baton.definition.models import MAX_STEP_SECONDS
from baton.definition.section import Section, Slug, Title
from baton.model import AgentKind, TransportType
from baton.words import Word


class AgentMetadata(Section):
    name: Slug
    display_name: Title = Field(alias="displayName")
    description: str = ""


class Transport(Section):
    """The way to an agent: a bundled function, by its name without the stack's prefix, or a URL. The check of the URL
    is in ``agents.address_guard``."""

    type: Word[TransportType]
    function: Slug | None = None
    url: str | None = Field(default=None, min_length=1)
    timeout_seconds: int | None = Field(default=None, ge=1, le=MAX_STEP_SECONDS)

    @model_validator(mode="after")
    def _has_the_fields_of_its_type(self) -> Self:
        fields = self.model_dump(exclude_none=True).keys() - {"type"}
        required, allowed = _fields_of(self.type)
        for name in sorted(fields - allowed):
            raise _transport_problem("of type `{type}` has no `{name}`", self.type, name)
        if required not in fields:
            raise _transport_problem("of type `{type}` needs a `{name}`", self.type, required)
        return self


def _fields_of(kind: TransportType) -> tuple[str, set[str]]:
    """The required field of a transport, and all its fields."""
    match kind:
        case TransportType.LAMBDA:
            return "function", {"function"}
        case TransportType.HTTP:
            return "url", {"url", "timeout_seconds"}
        case _:
            assert_never(kind)


def _transport_problem(message: LiteralString, kind: str, name: str) -> PydanticCustomError:
    return PydanticCustomError("transport", message, {"type": kind, "name": name})


class Agent(Section):
    kind: Word[AgentKind]
    orchestrations: list[Slug] = Field(default_factory=list)
    transport: Transport | None = None
    accepts: dict[str, Any] | None = None  # a JSON Schema of the context; its check is in ``accepted``


class AgentDefinition(Section):
    metadata: AgentMetadata
    agent: Agent
