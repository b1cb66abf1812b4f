"""The settings of an organisation, with the API's own login."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from baton.errors import Conflict, Forbidden, Invalid, NotFound
from baton.model import Principal
from baton.store.database import Database
from baton.store.members import MembersTable
from baton.store.organizations import OrganizationsTable
from baton.usecases.members import ManageMembers
from baton.usecases.organizations import ManageOrganizations
from tests.integration.inserts import insert_member


class OrganizationsFixture:
    """The organisation `demo`, with an admin and an operator, and two deployments on its database."""

    def __init__(self, database: Database, owner: psycopg.Connection[Any]) -> None:
        self.owner = owner
        self.admin = insert_member(owner, "admin", organization="demo")
        self.operator = insert_member(owner, "operator", organization="demo")
        self.members = ManageMembers(MembersTable(database))
        self.ours, self.theirs = (
            ManageOrganizations(MembersTable(database), OrganizationsTable(database, engine))
            for engine in ("ours", "theirs")
        )

    def machines(self) -> list[tuple[str, list[str]]]:
        query = "select user_id::text, roles from organization_members where kind = 'machine' order by created_at"
        return self.owner.execute(query).fetchall()


@pytest.fixture
def demo(database_url: str, login_url: Callable[[str], str]) -> Iterator[OrganizationsFixture]:
    with closing(Database(login_url("api"))) as database, psycopg.connect(database_url, autocommit=True) as owner:
        yield OrganizationsFixture(database, owner)


def test_every_member_reads_the_settings_and_an_admin_changes_them(demo: OrganizationsFixture) -> None:
    assert demo.ours.show(demo.operator, "demo").time_zone == "UTC"
    assert demo.ours.put_time_zone(demo.admin, "demo", "europe/berlin").time_zone == "Europe/Berlin"
    assert demo.ours.show(demo.operator, "demo").time_zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("Europe/Berln", "Europe/Berlin"), ("Berlin", "Europe/Berlin"), ("America/New York", "America/New_York")],
)
def test_an_unknown_time_zone_is_refused_with_the_nearest(demo: OrganizationsFixture, sent: str, meant: str) -> None:
    with pytest.raises(Invalid) as error_info:
        demo.ours.put_time_zone(demo.admin, "demo", sent)
    (problem,) = error_info.value.problems
    assert problem.field == "timeZone"
    assert problem.message.endswith(f"not `{sent}` (did you mean `{meant}`?)")
    assert demo.ours.show(demo.admin, "demo").time_zone == "UTC"


@pytest.mark.parametrize("sent", ["EST5EDT,M3.2.0,M11.1.0", "UTC+2", "posix/Europe/Berlin", "localtime", "Factory"])
def test_what_the_database_alone_calls_a_time_zone_is_refused(demo: OrganizationsFixture, sent: str) -> None:
    with pytest.raises(Invalid, match="timeZone: must be the IANA name"):
        demo.ours.put_time_zone(demo.admin, "demo", sent)


def test_the_launcher_is_a_machine_with_the_role_operator(demo: OrganizationsFixture) -> None:
    launcher = demo.ours.allow_launches(demo.admin, "demo").launcher
    assert launcher is not None
    assert (launcher.roles, launcher.allowed_by) == (("operator",), demo.admin.user_id)
    assert demo.machines() == [(launcher.user_id, ["operator"])]
    assert demo.ours.allow_launches(demo.admin, "demo").launcher == launcher  # a second call
    assert launcher.user_id not in [member.user_id for member in demo.members.list(demo.admin, "demo")]


def test_each_deployment_has_its_own_launcher(demo: OrganizationsFixture) -> None:
    ours = demo.ours.allow_launches(demo.admin, "demo").launcher
    assert demo.theirs.show(demo.admin, "demo").launcher is None
    theirs = demo.theirs.allow_launches(demo.admin, "demo").launcher
    assert ours is not None
    assert theirs is not None
    assert ours.user_id != theirs.user_id
    assert demo.ours.forbid_launches(demo.admin, "demo").launcher is None
    assert demo.machines() == [(theirs.user_id, ["operator"])]
    assert demo.ours.forbid_launches(demo.admin, "demo").launcher is None  # a second call


def test_a_launcher_is_no_member_that_can_be_set_or_removed(demo: OrganizationsFixture) -> None:
    launcher = demo.ours.allow_launches(demo.admin, "demo").launcher
    assert launcher is not None
    with pytest.raises(Conflict, match="is a machine"):
        demo.members.put(demo.admin, "demo", launcher.user_id, ["admin"])
    with pytest.raises(Conflict, match="is a machine"):
        demo.members.remove(demo.admin, "demo", launcher.user_id)


def test_others_are_refused(demo: OrganizationsFixture) -> None:
    stranger = Principal(str(uuid.uuid4()))
    with pytest.raises(NotFound):
        demo.ours.show(stranger, "demo")
    for change in (
        demo.ours.allow_launches,
        demo.ours.forbid_launches,
        lambda caller, organization: demo.ours.put_time_zone(caller, organization, "UTC"),
    ):
        with pytest.raises(Forbidden):
            change(demo.operator, "demo")
        with pytest.raises(NotFound):
            change(stranger, "demo")
    assert demo.machines() == []
