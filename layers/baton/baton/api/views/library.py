"""Agents and definitions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row, filled
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
    displayName: str
    description: str
    ownerAgent: str
    parameters: list[dict[str, Any]]
    constraints: list[dict[str, Any]]
    steps: list[DefinedStep]
    createdAt: datetime
    archivedAt: datetime | None


class Agent(TypedDict):
    """An agent and its transport. ``accepts`` is a JSON Schema of its context. ``bundled``: of the deployment."""

    slug: str
    organization: str
    displayName: str
    description: str
    kind: AnsweredWord[AgentKind]
    transport: dict[str, Any] | None
    accepts: dict[str, Any] | None
    orchestrations: list[str]
    bundled: bool
    createdAt: datetime
    updatedAt: datetime


def definition(row: Row) -> Definition:
    plan = row["plan"]
    steps = [filled(DefinedStep, item) for item in plan["steps"]]
    return filled(Definition, row, parameters=plan["parameters"], constraints=plan["constraints"], steps=steps)


def stored_definition(stored: StoredDefinition) -> Definition:
    """The view of a version after its publication or archiving."""
    plan = stored.plan
    row = {**vars(stored), "name": plan.name, "version": plan.version, "display_name": plan.display_name,
           "description": plan.description, "owner_agent": plan.owner, "plan": plan.to_json()}  # fmt: skip
    return definition(row)


def agent(row: Row) -> Agent:
    return filled(Agent, row, bundled=row["source"] is None)
