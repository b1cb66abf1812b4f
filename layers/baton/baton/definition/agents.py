"""The shape of ``definitions/agents/*.yaml``."""

from __future__ import annotations

from typing import Literal, LiteralString, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from baton.definition.models import LONGEST_STEP_SECONDS
from baton.definition.section import Section, Slug, Title


class AgentMetadata(Section):
    name: Slug
    display_name: Title = Field(alias="displayName")
    description: str = ""


class Transport(Section):
    """How an agent is called: a bundled function by its name without the stack's prefix, or anything that answers at a
    URL. Where a URL may lead is not a matter of its shape: see ``agents.address_guard``."""

    type: Literal["lambda", "http"]
    function: Slug | None = None
    url: str | None = Field(default=None, min_length=1)
    timeout_seconds: int | None = Field(default=None, ge=1, le=LONGEST_STEP_SECONDS)

    @model_validator(mode="after")
    def _has_the_fields_of_its_type(self) -> Self:
        given = self.model_dump(exclude_none=True).keys() - {"type"}
        needed, allowed = ("function", {"function"}) if self.type == "lambda" else ("url", {"url", "timeout_seconds"})
        for name in sorted(given - allowed):
            raise _transport_problem("of type `{type}` has no `{name}`", self.type, name)
        if needed not in given:
            raise _transport_problem("of type `{type}` needs a `{name}`", self.type, needed)
        return self


def _transport_problem(message: LiteralString, kind: str, name: str) -> PydanticCustomError:
    return PydanticCustomError("transport", message, {"type": kind, "name": name})


class Agent(Section):
    kind: Literal["agent", "orchestrator"]
    orchestrations: list[Slug] = Field(default_factory=list)
    transport: Transport | None = None


class AgentDefinition(Section):
    metadata: AgentMetadata
    agent: Agent
