"""The library in Postgres."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from baton.connection import Row
from baton.errors import Forbidden
from baton.model import AgentKind, Role
from baton.plan import Plan
from baton.ports.library import (
    Library,
    LibraryAgent,
    LibraryDefinition,
    StoredAgent,
    StoredDefinition,
    SubmittedAgent,
    SubmittedDefinition,
)
from baton.store import sql
from baton.store.database import Database
from baton.store.functions import Answer, Function, row_of

_SQL = sql.load("library")
_ADD_DEFINITION = Function(
    "add_definition",
    user_id="uuid",
    organization_id="uuid",
    name="text",
    version="text",
    display_name="text",
    description="text",
    owner="text",
    source="text",
    plan="jsonb",
    digest="text",
    machine="text",
)
_ARCHIVE_DEFINITION = Function(
    "archive_definition", user_id="uuid", organization_id="uuid", name="text", version="text"
)
_PUT_AGENT = Function(
    "put_agent",
    user_id="uuid",
    organization_id="uuid",
    slug="text",
    display_name="text",
    description="text",
    kind="text",
    transport="jsonb",
    orchestrations="text[]",
    source="text",
    accepts="jsonb",
)


class LibraryTable:
    """For the API's login. Every method is one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def library(self, user_id: str, organization: str) -> tuple[frozenset[str], Library] | None:
        """The caller's roles, and the organisation's library; None if the caller is not a member."""
        params = {"user_id": user_id, "organization": organization}
        names = ("membership", "visible_agents", "visible_definitions", "visible_versions")
        memberships, agents, definitions, versions = self._database.pipeline([(_SQL[name], params) for name in names])
        if not memberships:
            return None
        (membership,) = memberships
        owned = {(row["name"], row["owner"]): _library_definition(row) for row in definitions}
        library = Library(
            organization_id=str(membership["id"]),
            organization=membership["slug"],
            agents={row["slug"]: _library_agent(row) for row in agents},
            definitions={row["name"]: owned[row["name"], row["owner"]] for row in definitions if row["is_first"]},
            owned=owned,
            versions={(row["name"], row["version"]): tuple(map(_child_version, row["runs"])) for row in versions},
        )
        return frozenset(map(Role, membership["roles"])), library

    def definition(self, user_id: str, organization_id: str, name: str, version: str) -> StoredDefinition | None:
        """A version of one of the organisation's own definitions, for a member."""
        params = {"user_id": user_id, "organization_id": organization_id, "name": name, "version": version}
        row = self._database.fetch_one(_SQL["definition"], params)
        return _stored_definition(row) if row else None

    def add_definition(
        self, user_id: str, organization_id: str, submitted: SubmittedDefinition, machine: str
    ) -> tuple[bool, StoredDefinition]:
        """Adds a version unless it exists. Returns whether this call added it, and the version in the library."""
        plan = submitted.plan
        answer = _ADD_DEFINITION(
            self._database,
            user_id=user_id,
            organization_id=organization_id,
            name=plan.name,
            version=plan.version,
            display_name=plan.display_name,
            description=plan.description,
            owner=plan.owner,
            source=submitted.source,
            plan=Jsonb(plan.to_json()),
            digest=submitted.machine.digest,
            machine=machine,
        )
        answer = _checked(answer)
        return answer["added"], _stored_definition(row_of(answer["definition"]))

    def archive_definition(
        self, user_id: str, organization_id: str, name: str, version: str
    ) -> StoredDefinition | None:
        """Archives a version of one of the organisation's own definitions. None if there is no such version.

        Raises:
            Forbidden: the caller is no longer an admin.
        """
        answer = _ARCHIVE_DEFINITION(
            self._database, user_id=user_id, organization_id=organization_id, name=name, version=version
        )
        definition = _checked(answer)["definition"]
        return None if definition is None else _stored_definition(row_of(definition))

    def agent(self, user_id: str, organization_id: str, slug: str) -> StoredAgent | None:
        """One of the organisation's own agents, for a member."""
        params = {"user_id": user_id, "organization_id": organization_id, "slug": slug}
        row = self._database.fetch_one(_SQL["agent"], params)
        return _stored_agent(row) if row else None

    def put_agent(
        self, user_id: str, organization_id: str, submitted: SubmittedAgent
    ) -> tuple[bool, StoredAgent] | None:
        """Adds or replaces a published agent. Returns whether it is new, and the agent in the library. None: an agent
        of the deployment, or one of another kind, has the slug."""
        answer = _PUT_AGENT(
            self._database,
            user_id=user_id,
            organization_id=organization_id,
            slug=submitted.slug,
            display_name=submitted.display_name,
            description=submitted.description,
            kind=submitted.kind,
            transport=None if submitted.transport is None else Jsonb(dict(submitted.transport)),
            orchestrations=list(submitted.orchestrations),
            source=submitted.source,
            accepts=None if submitted.accepts is None else Jsonb(dict(submitted.accepts)),
        )
        answer = _checked(answer)
        return None if answer["agent"] is None else (answer["added"], _stored_agent(row_of(answer["agent"])))


def _library_agent(row: Row) -> LibraryAgent:
    typed = {"kind": AgentKind(row["kind"]), "orchestrations": frozenset(row["orchestrations"])}
    return LibraryAgent(**{**row, **typed})


def _stored_agent(row: Row) -> StoredAgent:
    return StoredAgent(**{**row, "kind": AgentKind(row["kind"])})


def _library_definition(row: Row) -> LibraryDefinition:
    return LibraryDefinition(row["organization"], row["owner"], row["plan"])


def _child_version(child: Row) -> tuple[str, str | None]:
    return child["name"], child["version"]


def _stored_definition(row: Row) -> StoredDefinition:
    return StoredDefinition(**{**row, "id": str(row["id"]), "plan": Plan.from_json(row["plan"])})


def _checked(answer: Answer | None) -> Answer:
    """The answer; null means that the caller is no longer an admin."""
    if answer is None:
        raise Forbidden("publishing needs the role admin, which you had a moment ago")
    return answer
