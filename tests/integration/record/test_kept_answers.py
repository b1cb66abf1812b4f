"""The answers that boundaries without a run save for a repeated call: which are saved, and for how long."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from baton.model import Role
from baton.store.database import Database
from baton.store.members import MembersTable

from .engine import EngineFixture


@pytest.fixture
def members(login_url: Callable[[str], str]) -> Iterator[MembersTable]:
    with closing(Database(login_url("api"))) as database:
        yield MembersTable(database)


def put(members: MembersTable, user_id: str) -> object:
    return members.put(user_id=user_id, organization="demo", member_id=str(uuid.uuid4()), roles=["viewer"])


def kept(engine: EngineFixture) -> int:
    return len(engine.all("select from baton.boundaries"))


def test_the_answer_to_an_admin_is_saved_and_a_refusal_is_not(engine: EngineFixture, members: MembersTable) -> None:
    assert put(members, engine.member(Role.ADMIN).user_id)
    assert kept(engine) == 1
    assert put(members, engine.member(Role.OPERATOR).user_id) is None
    assert put(members, str(uuid.uuid4())) is None
    assert kept(engine) == 1


def test_an_answer_is_deleted_after_an_hour(engine: EngineFixture, members: MembersTable) -> None:
    admin = engine.member(Role.ADMIN).user_id
    put(members, admin)
    engine.owner.execute("update baton.boundaries set crossed_at = crossed_at - interval '61 minutes'")
    put(members, admin)
    engine.owner.execute("select baton.delete_old_boundaries()")
    assert kept(engine) == 1
    engine.owner.execute("select baton.delete_old_boundaries()")
    assert kept(engine) == 1
