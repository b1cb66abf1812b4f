"""Agents and definitions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row, filled
from baton.api.views.omitted import Answer, Omitted, omitted_from
from baton.model import AgentKind
from baton.ports.library import StoredDefinition
from baton.words import AnsweredWord


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
    """What a definition that is shown at the pointer ``at`` leaves out. The answer about the version alone has it."""
    query = urlencode({"organization": row["organization"], "version": row["version"]})
    return omitted_from(row, at, lambda path: f"/orchestrations/definitions/{row['name']}?{query}", {"plan": ""})


def omitted_from_agent(row: Row, at: str) -> list[Omitted]:
    """What an agent that is shown at the pointer ``at`` leaves out. The answer about the agent alone has it."""
    query = urlencode({"organization": row["organization"]})
    return omitted_from(row, at, lambda path: f"/agents/{row['slug']}?{query}")


def definition(row: Row) -> Definition:
    plan = row["plan"]
    steps = None if plan["steps"] is None else [filled(DefinedStep, item) for item in plan["steps"]]
    return filled(Definition, row, parameters=plan["parameters"], constraints=plan["constraints"], steps=steps)


def stored_definition(stored: StoredDefinition) -> DefinitionAnswer:
    """The view of a version after its publication or archiving."""
    plan = stored.plan
    row = {**vars(stored), "name": plan.name, "version": plan.version, "display_name": plan.display_name,
           "description": plan.description, "owner_agent": plan.owner, "plan": plan.to_json()}  # fmt: skip
    return definition_answer(row)


def agent(row: Row) -> Agent:
    return filled(Agent, row, bundled=row["source"] is None)
