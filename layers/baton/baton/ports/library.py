"""An organisation's library: the agents and definitions that it can use, its own and the shared ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from baton.model import GLOBAL, AgentKind
from baton.plan import Plan

if TYPE_CHECKING:  # few calls of the API compile anything, so its cold start must not import the compiler
    from baton.compiler.machine import Machine


@dataclass(frozen=True)
class LibraryAgent:
    """``bundled``: it came with the deployment. ``orchestrations`` are the names that an orchestrator lists."""

    slug: str
    organization: str
    kind: AgentKind
    bundled: bool
    orchestrations: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LibraryDefinition:
    """The newest version of a definition. ``stored_plan`` is its plan in JSON."""

    organization: str
    owner: str
    stored_plan: Mapping[str, Any]

    @cached_property
    def plan(self) -> Plan:
        """Raises PlanUnreadable if this code does not know the format."""
        return Plan.from_json(self.stored_plan)


@dataclass(frozen=True)
class Library:
    """What an organisation can use. In ``agents`` and ``definitions``, its own entry hides a shared one of the same
    name; ``owned`` has both, by name and owner. ``versions`` has every version of every definition: (name, version) →
    the child definitions that it runs, each as (name, version), where None is the newest version."""

    organization_id: str
    organization: str
    agents: Mapping[str, LibraryAgent]
    definitions: Mapping[str, LibraryDefinition]
    owned: Mapping[tuple[str, str], LibraryDefinition]
    versions: Mapping[tuple[str, str], tuple[tuple[str, str | None], ...]]

    def plans_for(self, plan: Plan) -> dict[str, Plan]:
        """The definitions that the steps of ``plan`` can run, by name. A step that names an owner runs the owner's."""
        plans = {name: one.plan for name, one in self.definitions.items()}
        for step in plan.steps:
            definition = self.owned.get((step.child.name, step.agent)) if step.child else None
            if step.child and definition:
                plans[step.child.name] = definition.plan
        return plans

    def owner_of(self, name: str) -> str | None:
        """The orchestrator that owns a definition: one that lists it, the organisation's own before a shared one. If
        none lists it, the owner stays."""
        listing = [agent for agent in self.agents.values() if name in agent.orchestrations]
        if listing:
            return min(listing, key=lambda agent: (agent.organization == GLOBAL, agent.slug)).slug
        known = self.definitions.get(name)
        return known.owner if known else None


@dataclass(frozen=True)
class SubmittedAgent:
    """A checked agent file. ``transport`` is None for an orchestrator. ``accepts`` is a JSON Schema of the context."""

    slug: str
    display_name: str
    description: str
    kind: AgentKind
    transport: Mapping[str, Any] | None
    orchestrations: Sequence[str]
    source: str
    accepts: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class SubmittedDefinition:
    """A checked and compiled orchestration file."""

    plan: Plan
    machine: Machine
    source: str


@dataclass(frozen=True)
class StoredAgent:
    """An agent as the library has it now. ``source`` is None if it came with the deployment."""

    slug: str
    organization: str
    display_name: str
    description: str
    kind: AgentKind
    transport: Mapping[str, Any] | None
    orchestrations: Sequence[str]
    source: str | None
    created_at: datetime
    updated_at: datetime
    accepts: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class StoredDefinition:
    """One version of a definition as the library has it now."""

    id: str
    organization: str
    plan: Plan
    digest: str
    machine: str
    source: str
    created_at: datetime
    archived_at: datetime | None = None


@dataclass(frozen=True)
class DefinitionVersion:
    """A row of the definitions. ``organization`` is the slug of the one that owns it."""

    organization: str
    name: str
    version: str


class MachineMaker(Protocol):
    def name_of(self, machine: Machine, of: DefinitionVersion) -> str:
        """The name of a definition's state machine, without the stack's prefix."""
        ...

    def make(self, machine: Machine, of: DefinitionVersion) -> str:
        """Makes the state machine of a definition unless it exists. Returns its name, as ``name_of`` has it."""
