"""Members, service tokens, agents and definitions."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from baton.compiler import compile_machine, make_plan
from baton.definition import parse_definition
from baton.model import AgentKind, Role
from baton.plan import Plan
from baton.ports.library import SubmittedAgent, SubmittedDefinition
from baton.ports.service_tokens import NewServiceToken
from baton.store.library import LibraryTable
from baton.store.members import MembersTable
from baton.store.organizations import OrganizationsTable
from baton.store.service_tokens import ServiceTokensTable
from baton.yaml_source import read_yaml

from .boundaries import Call, boundary
from .engine import ENGINE, EngineFixture
from .preparations import N_SHAPE, organization


@boundary("MembersTable.put", login="api", case="somebody new")
def put_member(engine: EngineFixture) -> Call:
    admin, member = admin_of(engine), str(uuid.uuid4())
    return lambda database: MembersTable(database).put(
        user_id=admin, organization="demo", member_id=member, roles=["viewer"]
    )


@boundary("MembersTable.put", login="api", case="other roles")
def put_roles(engine: EngineFixture) -> Call:
    admin, member = admin_of(engine), engine.member(Role.VIEWER).user_id
    return lambda database: MembersTable(database).put(
        user_id=admin, organization="demo", member_id=member, roles=["approver"]
    )


@boundary("MembersTable.remove", login="api")
def remove_member(engine: EngineFixture) -> Call:
    admin, member = admin_of(engine), engine.member(Role.VIEWER).user_id
    return lambda database: MembersTable(database).remove(user_id=admin, organization="demo", member_id=member)


@boundary("MembersTable.remove", login="api", case="the caller")
def leave(engine: EngineFixture) -> Call:
    admin, _ = admin_of(engine), admin_of(engine)
    return lambda database: MembersTable(database).remove(user_id=admin, organization="demo", member_id=admin)


@boundary("ServiceTokensTable.create", login="api")
def create_token(engine: EngineFixture) -> Call:
    admin, token = admin_of(engine), new_token()
    return lambda database: ServiceTokensTable(database).create(user_id=admin, token=token)


@boundary("ServiceTokensTable.revoke", login="api")
def revoke_token(engine: EngineFixture) -> Call:
    admin, token_id = admin_of(engine), insert_machine(engine)
    return lambda database: ServiceTokensTable(database).revoke(user_id=admin, organization="demo", token_id=token_id)


@boundary("ServiceTokensTable.revoke", login="api", case="the caller")
def revoke_own_token(engine: EngineFixture) -> Call:
    machine = insert_machine(engine)
    return lambda database: ServiceTokensTable(database).revoke(user_id=machine, organization="demo", token_id=machine)


@boundary("OrganizationsTable.put_time_zone", login="api")
def put_time_zone(engine: EngineFixture) -> Call:
    admin = admin_of(engine)
    return lambda database: OrganizationsTable(database, ENGINE.id).put_time_zone(
        user_id=admin, organization="demo", time_zone="Asia/Tokyo"
    )


@boundary("OrganizationsTable.put_time_zone", login="api", case="no such zone")
def put_unknown_time_zone(engine: EngineFixture) -> Call:
    admin = admin_of(engine)
    return lambda database: OrganizationsTable(database, ENGINE.id).put_time_zone(
        user_id=admin, organization="demo", time_zone="Asia/Edo"
    )


@boundary("OrganizationsTable.allow_launches", login="api")
def allow_launches(engine: EngineFixture) -> Call:
    admin, launcher = admin_of(engine), str(uuid.uuid4())
    return lambda database: OrganizationsTable(database, ENGINE.id).allow_launches(
        user_id=admin, organization="demo", launcher_id=launcher
    )


@boundary("OrganizationsTable.forbid_launches", login="api")
def forbid_launches(engine: EngineFixture) -> Call:
    admin = admin_of(engine)
    engine.owner.execute(
        "insert into baton.launchers (organization_id, engine_id, user_id, allowed_by) values (%s, %s, %s, %s)",
        (organization(engine), ENGINE.id, str(uuid.uuid4()), admin),
    )
    return lambda database: OrganizationsTable(database, ENGINE.id).forbid_launches(user_id=admin, organization="demo")


@boundary("LibraryTable.add_definition", login="api")
def add_definition(engine: EngineFixture) -> Call:
    admin, demo = admin_of(engine), organization(engine)
    plan = plan_of(N_SHAPE)
    submitted = SubmittedDefinition(plan, compile_machine(plan), N_SHAPE)
    machine = f"x-{submitted.machine.digest}"
    return lambda database: LibraryTable(database).add_definition(admin, demo, submitted, machine)


@boundary("LibraryTable.archive_definition", login="api")
def archive_definition(engine: EngineFixture) -> Call:
    admin, demo, name = admin_of(engine), organization(engine), engine.define(N_SHAPE)
    return lambda database: LibraryTable(database).archive_definition(admin, demo, name, "1.0.0")


@boundary("LibraryTable.put_agent", login="api")
def put_agent(engine: EngineFixture) -> Call:
    admin, demo = admin_of(engine), organization(engine)
    transport = {"type": "http", "url": "https://agent.test"}
    submitted = SubmittedAgent("writer", "Writer", "", AgentKind.AGENT, transport, [], "slug: writer")
    return lambda database: LibraryTable(database).put_agent(admin, demo, submitted)


def admin_of(engine: EngineFixture) -> str:
    return engine.member(Role.ADMIN).user_id


def plan_of(text: str) -> Plan:
    return make_plan(parse_definition(read_yaml(text, "test.yaml")), owner="finance-manager")


def insert_machine(engine: EngineFixture) -> str:
    """The id of a service token with the role admin."""
    token_id, demo = str(uuid.uuid4()), organization(engine)
    engine.owner.execute(
        "insert into baton.service_tokens (id, organization_id, name, roles, secret_hash, created_by, expires_at)"
        " values (%s, %s, 'Machine', '{admin}', repeat('0', 64), %s, now() + interval '1 day')",
        (token_id, demo, admin_of(engine)),
    )
    engine.owner.execute(
        "insert into organization_members (organization_id, user_id, roles, kind, expires_at)"
        " values (%s, %s, '{admin}', 'machine', now() + interval '1 day')",
        (demo, token_id),
    )
    return token_id


def new_token() -> NewServiceToken:
    return NewServiceToken(
        str(uuid.uuid4()), "demo", "Machine", ["viewer"], "0" * 64, datetime.now(UTC) + timedelta(days=1)
    )
