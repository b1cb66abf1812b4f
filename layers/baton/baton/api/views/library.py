"""Agents and definitions."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from baton.api.views import Row, filled
from baton.api.views.fitting import fit
from baton.api.views.omitted import Answer, Omitted, Path, omitted_from, pointer
from baton.model import AgentKind
from baton.ports.library import StoredAgent, StoredDefinition
from baton.words import AnsweredWord

_LARGE_IN_DEFINITION = ("displayName", "description", "parameters", "constraints", "steps")
_LARGE_IN_AGENT = ("displayName", "description", "transport", "accepts", "orchestrations")


class DefinedStep(TypedDict):
    id: str
    index: int
    name: str
    type: str
    agent: str
    mode: str
    dependsOn: list[str]


class Definition(TypedDict):
    """What a launch needs of a definition: its parameters and, for orientation, its steps. Nobody can launch an
    archived one."""

    id: UUID
    organization: str
    name: str
    version: str
    displayName: str | None
    description: str | None
    ownerAgent: str
    parameters: list[dict[str, Any]] | None
    constraints: list[dict[str, Any]] | None
    steps: list[DefinedStep] | None
    createdAt: datetime
    archivedAt: datetime | None


class Agent(TypedDict):
    """An agent and its transport. ``accepts`` is a JSON Schema of its context. ``bundled``: of the deployment."""

    slug: str
    organization: str
    displayName: str | None
    description: str | None
    kind: AnsweredWord[AgentKind]
    transport: dict[str, Any] | None
    accepts: dict[str, Any] | None
    orchestrations: list[str] | None
    bundled: bool
    createdAt: datetime
    updatedAt: datetime


class DefinitionAnswer(Definition, Answer):
    pass


class AgentAnswer(Agent, Answer):
    pass


def definition_answer(row: Row) -> DefinitionAnswer:
    return {**definition(row), "omitted": omitted_from_definition(row, "")}


def agent_answer(row: Row) -> AgentAnswer:
    return {**agent(row), "omitted": omitted_from_agent(row, "")}


def omitted_from_definition(row: Row, at: str) -> list[Omitted]:
    """What a definition that is shown at the pointer ``at`` leaves out."""
    return omitted_from(row, at, lambda path: _definition_value_url(row, _shown(path)), {"plan": ""})


def omitted_from_agent(row: Row, at: str) -> list[Omitted]:
    """What an agent that is shown at the pointer ``at`` leaves out."""
    return omitted_from(row, at, lambda path: _agent_value_url(row, _shown(path)))


def _shown(path: Path) -> Path:
    """The path in the view of a path in the row: a view has the parts of a plan beside its other fields."""
    return path[1:] if path[0] == "plan" else (to_camel(path[0]), *path[1:])


def _definition_value_url(definition: Row, path: Path) -> str:
    query = {"organization": definition["organization"], "version": definition["version"], "pointer": pointer(*path)}
    return f"/orchestrations/definitions/{definition['name']}/values?{urlencode(query)}"


def _agent_value_url(agent: Row, path: Path) -> str:
    query = {"organization": agent["organization"], "pointer": pointer(*path)}
    return f"/agents/{agent['slug']}/values?{urlencode(query)}"


def definition(row: Row) -> Definition:
    plan = row["plan"]
    steps = None if plan["steps"] is None else [filled(DefinedStep, item) for item in plan["steps"]]
    return filled(Definition, row, parameters=plan["parameters"], constraints=plan["constraints"], steps=steps)


def stored_definition(stored: StoredDefinition) -> DefinitionAnswer:
    """The view of a version after its publication or archiving."""
    plan = stored.plan
    row = {**vars(stored), "name": plan.name, "version": plan.version, "display_name": plan.display_name,
           "description": plan.description, "owner_agent": plan.owner, "plan": plan.to_json()}  # fmt: skip
    view = definition_answer(row)
    view["omitted"] += fit(cast(dict[str, Any], view), _LARGE_IN_DEFINITION, partial(_definition_value_url, view))
    return view


def stored_agent(stored: StoredAgent) -> AgentAnswer:
    """The view of an agent after its publication."""
    view = agent_answer(vars(stored))
    view["omitted"] += fit(cast(dict[str, Any], view), _LARGE_IN_AGENT, partial(_agent_value_url, view))
    return view


def agent(row: Row) -> Agent:
    return filled(Agent, row, bundled=row["source"] is None)
