"""The library: definitions of orchestrations, and agents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from baton_client.arguments import segment
from baton_client.connection import Connection
from baton_client.contents import FittedAnswer
from baton_client.vocabulary import StepType

DEFINITIONS, AGENTS = "/orchestrations/definitions", "/agents"


class DefinedStep(TypedDict):
    id: str
    index: int
    name: str
    type: StepType
    agent: str
    mode: str
    dependsOn: list[str]


class Definition(TypedDict):
    """One version of a definition. An archived version cannot be launched."""

    id: str
    organization: str
    name: str
    version: str
    displayName: str | None
    description: str | None
    ownerAgent: str
    parameters: list[dict[str, Any]] | None
    constraints: list[dict[str, Any]] | None
    steps: list[DefinedStep] | None
    createdAt: str
    archivedAt: str | None


class DefinitionAnswer(Definition, FittedAnswer):
    """A definition with what the answer leaves out."""


class _Definitions(FittedAnswer):
    definitions: list[Definition]
    nextCursor: str | None


class Agent(TypedDict):
    """``transport`` says how Baton calls the agent. ``bundled``: the agent belongs to the deployment itself."""

    slug: str
    organization: str
    displayName: str | None
    description: str | None
    kind: str
    transport: dict[str, Any] | None
    accepts: dict[str, Any] | None
    orchestrations: list[str] | None
    bundled: bool
    createdAt: str
    updatedAt: str


class AgentAnswer(Agent, FittedAnswer):
    """An agent with what the answer leaves out."""


class _Agents(FittedAnswer):
    agents: list[Agent]
    nextCursor: str | None


class Definitions:
    """``client.library.definitions``. ``Client`` names the errors of its methods."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, organization: str | None = None) -> Sequence[Definition]:
        """The newest version of each definition that the caller may launch."""
        pages = self._connection.pages(DEFINITIONS, _Definitions, {"organization": organization})
        return [definition for page in pages for definition in page["definitions"]]

    def get(self, name: str, *, organization: str | None = None, version: str | None = None) -> DefinitionAnswer:
        """The newest version, or ``version``."""
        query = {"organization": organization, "version": version}
        return self._connection.get(f"{DEFINITIONS}/{segment(name, 'name')}", DefinitionAnswer, query)

    def versions(self, name: str, *, organization: str | None = None) -> Sequence[Definition]:
        """Every version, archived ones too."""
        path, query = f"{DEFINITIONS}/{segment(name, 'name')}/versions", {"organization": organization}
        pages = self._connection.pages(path, _Definitions, query)
        return [definition for page in pages for definition in page["definitions"]]

    def publish(self, source: str, *, organization: str | None = None) -> DefinitionAnswer:
        """Publish a version. ``source`` is the text of its YAML file. Raises OrganizationMissing."""
        body = {"organization": self._connection.organization(organization), "source": source}
        return self._connection.post(DEFINITIONS, DefinitionAnswer, body)

    def archive(self, name: str, version: str, *, organization: str | None = None) -> DefinitionAnswer:
        """Archive a version: it cannot be launched any more. Its runs go on. Raises OrganizationMissing."""
        body = {"organization": self._connection.organization(organization), "version": version}
        return self._connection.post(f"{DEFINITIONS}/{segment(name, 'name')}/archive", DefinitionAnswer, body)


class Agents:
    """``client.library.agents``. ``Client`` names the errors of its methods."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, organization: str | None = None) -> Sequence[Agent]:
        """The agents that the caller's orchestrations can use."""
        pages = self._connection.pages(AGENTS, _Agents, {"organization": organization})
        return [agent for page in pages for agent in page["agents"]]

    def get(self, slug: str, *, organization: str | None = None) -> AgentAnswer:
        return self._connection.get(f"{AGENTS}/{segment(slug, 'slug')}", AgentAnswer, {"organization": organization})

    def publish(self, source: str, *, organization: str | None = None) -> AgentAnswer:
        """Publish an agent, or change a published one. ``source`` is the text of its YAML file. Raises
        OrganizationMissing."""
        body = {"organization": self._connection.organization(organization), "source": source}
        return self._connection.post(AGENTS, AgentAnswer, body)


class Library:
    """``client.library``."""

    def __init__(self, connection: Connection) -> None:
        self.definitions = Definitions(connection)
        self.agents = Agents(connection)
