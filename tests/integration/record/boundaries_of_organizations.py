"""Members, service tokens, agents and definitions."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from baton.compiler import compile_machine, make_plan
from baton.definition import parse_definition
from baton.model import Role
from baton.plan import Plan
from baton.ports.library import SubmittedAgent, SubmittedDefinition
from baton.ports.service_tokens import NewServiceToken
from baton.store.members import MembersTable
from baton.store.publish import Publications
from baton.store.service_tokens import ServiceTokensTable
from baton.yaml_source import read_yaml

from .boundaries import CREATED_BEFORE, Call, boundary
from .engine import EngineFixture
from .preparations import N_SHAPE, organization


@boundary("MembersTable.put", login="api", case="somebody new", differs={
    "answer.added: True → False": CREATED_BEFORE,
})  # fmt: skip
def put_member(engine: EngineFixture) -> Call:
    admin, somebody = admin_of(engine), str(uuid.uuid4())
    return lambda database: MembersTable(database).put(
        user_id=admin, organization="demo", member_id=somebody, roles=["viewer"]
    )


@boundary("MembersTable.put", login="api", case="other roles")
def put_roles(engine: EngineFixture) -> Call:
    admin, somebody = admin_of(engine), engine.member(Role.VIEWER).user_id
    return lambda database: MembersTable(database).put(
        user_id=admin, organization="demo", member_id=somebody, roles=["approver"]
    )


@boundary("MembersTable.remove", login="api", differs={
    "answer: removed → not_found": "the API answers 404 to whoever has just removed somebody",
})  # fmt: skip
def remove_member(engine: EngineFixture) -> Call:
    admin, somebody = admin_of(engine), engine.member(Role.VIEWER).user_id
    return lambda database: MembersTable(database).remove(user_id=admin, organization="demo", member_id=somebody)


@boundary("ServiceTokensTable.create", login="api")
def create_token(engine: EngineFixture) -> Call:
    admin, token = admin_of(engine), new_token()
    return lambda database: ServiceTokensTable(database).create(user_id=admin, token=token)


@boundary("ServiceTokensTable.revoke", login="api")
def revoke_token(engine: EngineFixture) -> Call:
    admin, token_id = admin_of(engine), str(uuid.uuid4())
    engine.owner.execute(
        "insert into baton.service_tokens (id, organization_id, name, roles, secret_hash, created_by, expires_at)"
        " values (%s, %s, 'Machine', '{viewer}', repeat('0', 64), %s, now() + interval '1 day')",
        (token_id, organization(engine), admin),
    )
    return lambda database: ServiceTokensTable(database).revoke(user_id=admin, organization="demo", token_id=token_id)


@boundary("Publications.add_definition", login="api", differs={"answer[0]: True → False": CREATED_BEFORE})
def add_definition(engine: EngineFixture) -> Call:
    admin, demo = admin_of(engine), organization(engine)
    plan = plan_of(N_SHAPE)
    submitted = SubmittedDefinition(plan, compile_machine(plan), N_SHAPE)
    machine = f"x-{submitted.machine.digest}"
    return lambda database: Publications(database).add_definition(admin, demo, submitted, machine)


@boundary("Publications.archive_definition", login="api")
def archive_definition(engine: EngineFixture) -> Call:
    admin, demo, name = admin_of(engine), organization(engine), engine.define(N_SHAPE)
    return lambda database: Publications(database).archive_definition(admin, demo, name, "1.0.0")


@boundary("Publications.put_agent", login="api", differs={
    "answer[0]: True → False": CREATED_BEFORE,
    "answer[1].updated_at: datetime → datetime": "it was put twice, a moment apart",
    "agents.updated_at": "it was put twice, a moment apart",
})  # fmt: skip
def put_agent(engine: EngineFixture) -> Call:
    admin, demo = admin_of(engine), organization(engine)
    transport = {"type": "http", "url": "https://agent.test"}
    submitted = SubmittedAgent("writer", "Writer", "", "agent", transport, [], "slug: writer")
    return lambda database: Publications(database).put_agent(admin, demo, submitted)


def admin_of(engine: EngineFixture) -> str:
    return engine.member(Role.ADMIN).user_id


def plan_of(text: str) -> Plan:
    return make_plan(parse_definition(read_yaml(text, "test.yaml")), owner="finance-manager")


def new_token() -> NewServiceToken:
    return NewServiceToken(
        str(uuid.uuid4()), "demo", "Machine", ["viewer"], "0" * 64, datetime.now(UTC) + timedelta(days=1)
    )
