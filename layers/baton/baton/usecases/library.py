"""Publish agents and definitions of an organisation's own to a running deployment."""

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
    """``created`` is False when it was there already (or, for an agent, was replaced)."""

    created: bool
    stored: Stored


@dataclass(frozen=True)
class ManageLibrary:
    """All of it needs the role admin. Both kinds are checked like the files that come with the deployment.

    ``sources`` and ``machines`` are made when they are first needed: what reads YAML takes long to import.
    """

    library: LibraryTable
    sources: Callable[[], LibrarySources]
    machines: Callable[[], MachineMaker]

    def definition(self, caller: Principal, request: PublishRequest) -> PublishResult[StoredDefinition]:
        """Adds one version of a definition. A version never changes; the same one again gets the same answer.

        The machine is made before anyone can launch the definition: a machine without a definition does no harm, a
        definition without a machine would.

        Raises:
            NotFound, Forbidden: the organisation, or the role in it.
            Invalid: the source; every problem with its place.
            Conflict: this version is there with other content.
            EngineUnavailable: the machine could not be made; nothing was published.
        """
        library = self._library(caller, request.organization)
        submitted = self.sources().read_definition(request.source, library)
        plan = submitted.plan
        known = self.library.definition(caller.user_id, library.organization_id, plan.name, plan.version)
        created = False
        if known is None:
            machine = self.machines().make(submitted.machine)
            created, known = self.library.add_definition(caller.user_id, library.organization_id, submitted, machine)
        if not created and not _same_definition(known, submitted):
            raise Conflict(
                f"the version {plan.version} of {plan.name} is published already, with other content, and never "
                "changes; raise metadata.version"
            )
        return PublishResult(created, known)

    def agent(self, caller: Principal, request: PublishRequest) -> PublishResult[StoredAgent]:
        """Adds an agent, or replaces what was published under its name: from then on its calls go to the new place.

        Raises:
            NotFound, Forbidden: the organisation, or the role in it.
            Invalid: the source; every problem with its place.
            Conflict: the name is that of an agent of another kind.
        """
        library = self._library(caller, request.organization)
        submitted = self.sources().read_agent(request.source, library)
        known = self.library.agent(caller.user_id, library.organization_id, submitted.slug)
        if known is not None and _same_agent(known, submitted):
            return PublishResult(created=False, stored=known)
        put = self.library.put_agent(caller.user_id, library.organization_id, submitted)
        if put is None:
            raise Conflict(
                f"the name {submitted.slug} is that of another kind of agent in {library.organization}; choose another"
            )
        return PublishResult(*put)

    def archive(self, caller: Principal, request: ArchiveRequest) -> StoredDefinition:
        """Takes a version out of use: nobody launches it any more, its runs go on. Once archived, it stays so.

        Raises:
            NotFound, Forbidden: the organisation, or the role in it; the version.
        """
        library = self._library(caller, request.organization)
        archived = self.library.archive_definition(
            caller.user_id, library.organization_id, request.name, request.version
        )
        if archived is None:
            named = f"{request.name} {request.version}"
            raise NotFound(f"there is no orchestration {named} of {request.organization} itself")
        return archived

    def _library(self, caller: Principal, organization: str) -> Library:
        found = self.library.library(caller.user_id, organization)
        if found is None:
            raise NotFound(f"there is no organisation {organization} that you are a member of")
        roles, library = found
        if Role.ADMIN not in roles:
            raise Forbidden(f"publishing needs the role admin in {organization}")
        return library


def _same_definition(known: StoredDefinition, submitted: SubmittedDefinition) -> bool:
    """The same text, whatever today's compiler makes of it; or another text, such as a comment, that means the same."""
    if known.source == submitted.source:
        return True
    return known.digest == submitted.machine.digest and _canonical(known.plan) == _canonical(submitted.plan)


def _canonical(plan: Plan) -> str:
    """One text for one plan, whether its numbers come from YAML or from the record, and in whatever order its keys."""
    return json.dumps(json.loads(exact_json.dumps(plan.to_json())), sort_keys=True)


def _same_agent(known: StoredAgent, submitted: SubmittedAgent) -> bool:
    return known.source is not None and (
        known.display_name,
        known.description,
        known.kind,
        known.transport,
        list(known.orchestrations),
    ) == (
        submitted.display_name,
        submitted.description,
        submitted.kind,
        submitted.transport,
        list(submitted.orchestrations),
    )
