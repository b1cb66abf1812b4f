"""The library in Postgres."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from baton.errors import Forbidden
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
from baton.store.database import Database, Row

_SQL = sql.load("publish")


class Publications:
    """Implements ``ports.library.LibraryStore``. Every method is one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def library(self, user_id: str, organization: str) -> tuple[frozenset[str], Library] | None:
        params = {"user_id": user_id, "organization": organization}
        names = ("membership", "visible_agents", "visible_definitions", "visible_versions")
        memberships, agents, definitions, versions = self._database.pipeline([(_SQL[name], params) for name in names])
        if not memberships:
            return None
        (membership,) = memberships
        library = Library(
            organization_id=str(membership["id"]),
            organization=membership["slug"],
            agents={row["slug"]: _library_agent(row) for row in agents},
            definitions={row["name"]: _library_definition(row) for row in definitions if row["is_first"]},
            owned={(row["name"], row["owner"]): _library_definition(row) for row in definitions},
            versions={(row["name"], row["version"]): tuple(map(_wanted, row["runs"])) for row in versions},
        )
        return frozenset(membership["roles"]), library

    def definition(self, user_id: str, organization_id: str, name: str, version: str) -> StoredDefinition | None:
        params = {"user_id": user_id, "organization_id": organization_id, "name": name, "version": version}
        row = self._database.fetch_one(_SQL["definition"], params)
        return _stored_definition(row) if row else None

    def add_definition(
        self, user_id: str, organization_id: str, submitted: SubmittedDefinition, machine: str
    ) -> tuple[bool, StoredDefinition]:
        plan = submitted.plan
        params = {
            "user_id": user_id,
            "organization_id": organization_id,
            "name": plan.name,
            "version": plan.version,
            "display_name": plan.display_name,
            "description": plan.description,
            "owner": plan.owner,
            "source": submitted.source,
            "plan": Jsonb(plan.to_json()),
            "digest": submitted.machine.digest,
            "machine": machine,
        }
        added, found = self._database.pipeline([(_SQL["add_definition"], params), (_SQL["definition"], params)])
        if not found:
            raise _role_is_gone()
        return bool(added), _stored_definition(found[0])

    def archive_definition(
        self, user_id: str, organization_id: str, name: str, version: str
    ) -> StoredDefinition | None:
        params = {"user_id": user_id, "organization_id": organization_id, "name": name, "version": version}
        _, found = self._database.pipeline([(_SQL["archive_definition"], params), (_SQL["definition"], params)])
        if not found:
            return None
        archived = _stored_definition(found[0])
        if archived.archived_at is None:
            raise _role_is_gone()
        return archived

    def agent(self, user_id: str, organization_id: str, slug: str) -> StoredAgent | None:
        params = {"user_id": user_id, "organization_id": organization_id, "slug": slug}
        row = self._database.fetch_one(_SQL["agent"], params)
        return StoredAgent(**row) if row else None

    def put_agent(
        self, user_id: str, organization_id: str, submitted: SubmittedAgent
    ) -> tuple[bool, StoredAgent] | None:
        params = {
            "user_id": user_id,
            "organization_id": organization_id,
            "slug": submitted.slug,
            "display_name": submitted.display_name,
            "description": submitted.description,
            "kind": submitted.kind,
            "transport": None if submitted.transport is None else Jsonb(dict(submitted.transport)),
            "orchestrations": list(submitted.orchestrations),
            "source": submitted.source,
        }
        put, found = self._database.pipeline([(_SQL["put_agent"], params), (_SQL["agent"], params)])
        if not found:
            raise _role_is_gone()
        return (put[0]["added"], StoredAgent(**found[0])) if put else None


def _library_agent(row: Row) -> LibraryAgent:
    return LibraryAgent(**{**row, "orchestrations": frozenset(row["orchestrations"])})


def _library_definition(row: Row) -> LibraryDefinition:
    return LibraryDefinition(row["organization"], row["owner"], Plan.from_json(row["plan"]))


def _wanted(child: Row) -> tuple[str, str | None]:
    return child["name"], child["version"]


def _stored_definition(row: Row) -> StoredDefinition:
    return StoredDefinition(**{**row, "id": str(row["id"]), "plan": Plan.from_json(row["plan"])})


def _role_is_gone() -> Forbidden:
    return Forbidden("publishing needs the role admin, which you had a moment ago")
