"""Publish an organisation's own agents and definitions to a running deployment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from baton import exact_json
from baton.errors import Conflict, Forbidden, NotFound
from baton.model import Principal, Role
from baton.plan import Plan
from baton.ports.library import (
    DefinitionVersion,
    Library,
    MachineMaker,
    StoredAgent,
    StoredDefinition,
    SubmittedAgent,
    SubmittedDefinition,
)

if TYPE_CHECKING:
    from baton.library_sources import LibrarySources
    from baton.store.library import LibraryTable

Stored = TypeVar("Stored")


@dataclass(frozen=True)
class PublishRequest:
    """``source`` is the YAML text of one file."""

    organization: str
    source: str


@dataclass(frozen=True)
class ArchiveRequest:
    organization: str
    name: str
    version: str


@dataclass(frozen=True)
class PublishResult(Generic[Stored]):
    """``created`` is False if the library had this version, or this agent, already."""

    created: bool
    stored: Stored


@dataclass(frozen=True)
class ManageLibrary:
    """Every method needs the role admin. A source gets the same checks as a file of the deployment.

    ``sources`` and ``machines`` are factories, because the YAML reader and the compiler take long to import.
    """

    library: LibraryTable
    sources: Callable[[], LibrarySources]
    machines: Callable[[], MachineMaker]

    def definition(self, caller: Principal, request: PublishRequest) -> PublishResult[StoredDefinition]:
        """Adds one version of a definition. A version never changes; the same source again gets the same answer.

        The state machine comes first. So nobody can launch a definition that has no machine; a machine without a
        definition does no harm.

        Raises:
            NotFound, Forbidden: the caller is not a member of the organisation, or not an admin there.
            Invalid: the source has problems; the error names each with its place.
            Conflict: the library has this version with other content.
            EngineUnavailable: Step Functions did not make the machine; nothing is published.
        """
        library = self._library(caller, request.organization)
        submitted = self.sources().read_definition(request.source, library)
        plan = submitted.plan
        known = self.library.definition(caller.user_id, library.organization_id, plan.name, plan.version)
        created = False
        if known is None:
            row = DefinitionVersion(library.organization, plan.name, plan.version)
            machine = self.machines().make(submitted.machine, row)
            created, known = self.library.add_definition(caller.user_id, library.organization_id, submitted, machine)
        if not created and not _same_definition(known, submitted):
            raise Conflict(
                f"the version {plan.version} of {plan.name} is published already, with other content, and never "
                "changes; raise metadata.version"
            )
        return PublishResult(created, known)

    def agent(self, caller: Principal, request: PublishRequest) -> PublishResult[StoredAgent]:
        """Adds an agent, or replaces the published agent of this name. All later calls go to the new address.

        Raises:
            NotFound, Forbidden: the caller is not a member of the organisation, or not an admin there.
            Invalid: the source has problems; the error names each with its place.
            Conflict: an agent of another kind has this name.
        """
        library = self._library(caller, request.organization)
        submitted = self.sources().read_agent(request.source, library)
        known = self.library.agent(caller.user_id, library.organization_id, submitted.slug)
        if known is not None and _same_agent(known, submitted):
            return PublishResult(created=False, stored=known)
        answer = self.library.put_agent(caller.user_id, library.organization_id, submitted)
        if answer is None:
            raise Conflict(
                f"the name {submitted.slug} belongs to another kind of agent in {library.organization}; choose another"
            )
        return PublishResult(*answer)

    def archive(self, caller: Principal, request: ArchiveRequest) -> StoredDefinition:
        """Archives a version: nobody can launch it any more, its runs go on. There is no way back.

        Raises:
            NotFound: the organisation does not have this version of its own, or the caller is not a member.
            Forbidden: the caller is not an admin there.
        """
        library = self._library(caller, request.organization)
        definition = self.library.archive_definition(
            caller.user_id, library.organization_id, request.name, request.version
        )
        if definition is None:
            name = f"{request.name} {request.version}"
            raise NotFound(f"there is no orchestration {name} of {request.organization} itself")
        return definition

    def _library(self, caller: Principal, organization: str) -> Library:
        answer = self.library.library(caller.user_id, organization)
        if answer is None:
            raise NotFound(f"there is no organisation {organization} that you are a member of")
        roles, library = answer
        if Role.ADMIN not in roles:
            raise Forbidden(f"publishing needs the role admin in {organization}")
        return library


def _same_definition(known: StoredDefinition, submitted: SubmittedDefinition) -> bool:
    """Whether both have the same text, or the same plan and machine. The plan stays the same if only a comment changes,
    the text if only the compiler has changed."""
    if known.source == submitted.source:
        return True
    return known.digest == submitted.machine.digest and _canonical(known.plan) == _canonical(submitted.plan)


def _canonical(plan: Plan) -> str:
    """The same text for equal plans: the order of keys, and the Python types of numbers, make no difference."""
    return json.dumps(json.loads(exact_json.dumps(plan.to_json())), sort_keys=True)


def _same_agent(known: StoredAgent, submitted: SubmittedAgent) -> bool:
    return known.source is not None and (
        known.display_name,
        known.description,
        known.kind,
        known.transport,
        known.accepts,
        list(known.orchestrations),
    ) == (
        submitted.display_name,
        submitted.description,
        submitted.kind,
        submitted.transport,
        submitted.accepts,
        list(submitted.orchestrations),
    )
