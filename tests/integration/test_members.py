"""Administration of members and service tokens, with the API's own login."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from baton import service_token
from baton.errors import Conflict, Forbidden, Invalid, NotFound
from baton.model import Principal
from baton.store.database import Database
from baton.store.members import MembersTable
from baton.store.service_tokens import ServiceTokensTable
from baton.usecases.members import ManageMembers
from baton.usecases.service_tokens import IssuedToken, ManageServiceTokens, NewTokenRequest
from tests.integration.inserts import insert_member

ANNA, BEN = str(uuid.uuid4()), str(uuid.uuid4())


class MembersFixture:
    """The organisation `demo`, whose admin is Anna."""

    def __init__(self, database: Database, owner: psycopg.Connection[Any]) -> None:
        self.owner = owner
        self.anna = self.member(ANNA, "admin")
        table = MembersTable(database)
        self.members = ManageMembers(table)
        self.bearers = ServiceTokensTable(database)
        self.tokens = ManageServiceTokens(table, self.bearers)

    def member(self, user_id: str, *roles: str, organization: str = "demo") -> Principal:
        return insert_member(self.owner, *roles, organization=organization, user_id=user_id)

    def roles(self) -> dict[str, list[str]]:
        return dict(self.owner.execute("select user_id::text, roles from organization_members").fetchall())

    def issue(self, *roles: str, caller: Principal | None = None, **changes: Any) -> IssuedToken:
        request: dict[str, Any] = {"organization": "demo", "name": "CI", "roles": roles, "expires_at": in_days(30)}
        return self.tokens.create(caller or self.anna, NewTokenRequest(**(request | changes)))

    def bearer(self, issued: IssuedToken) -> Principal:
        return Principal(issued.token.id)

    def is_live(self, issued: IssuedToken) -> bool | None:
        read = service_token.read(issued.secret)
        bearer = read and self.bearers.bearer(*read)
        return bearer.live if bearer else None


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


@pytest.fixture
def demo(database_url: str, login_url: Callable[[str], str]) -> Iterator[MembersFixture]:
    with closing(Database(login_url("api"))) as database, psycopg.connect(database_url, autocommit=True) as owner:
        yield MembersFixture(database, owner)


# --- members ----------------------------------------------------------------------------------------------------------


def test_an_admin_adds_changes_and_removes_a_member(demo: MembersFixture) -> None:
    added, new = demo.members.put(demo.anna, "demo", BEN, ["viewer"])
    assert (added.user_id, added.roles, new) == (BEN, ("viewer",), True)
    changed, new = demo.members.put(demo.anna, "demo", BEN, ["approver", "viewer", "viewer"])
    assert (changed.roles, new, changed.created_at) == (("viewer", "approver"), False, added.created_at)
    assert [member.user_id for member in demo.members.list(demo.anna, "demo")] == [ANNA, BEN]
    demo.members.remove(demo.anna, "demo", BEN)
    assert demo.roles() == {ANNA: ["admin"]}


def test_the_last_admin_stays(demo: MembersFixture) -> None:
    with pytest.raises(Conflict, match="^the member .* is the last admin"):
        demo.members.put(demo.anna, "demo", ANNA, ["viewer"])
    with pytest.raises(Conflict, match="last admin"):
        demo.members.remove(demo.anna, "demo", ANNA)
    assert demo.roles() == {ANNA: ["admin"]}


def test_a_machine_with_the_role_admin_does_not_count_as_the_last_admin(demo: MembersFixture) -> None:
    demo.issue("admin")
    with pytest.raises(Conflict, match="last admin"):
        demo.members.remove(demo.anna, "demo", ANNA)


def test_one_of_two_admins_can_be_removed(demo: MembersFixture) -> None:
    demo.member(BEN, "admin")
    demo.members.remove(demo.anna, "demo", ANNA)
    assert demo.roles() == {BEN: ["admin"]}


def test_two_admins_who_remove_each_other_are_not_both_removed(
    demo: MembersFixture, login_url: Callable[[str], str], database_url: str
) -> None:
    for _ in range(20):
        demo.owner.execute("delete from organization_members")
        callers = demo.member(ANNA, "admin"), demo.member(BEN, "admin")
        start = threading.Barrier(2)

        def remove(who: Principal, whom: Principal, start: threading.Barrier = start) -> None:
            with closing(Database(login_url("api"))) as database:
                MembersTable(database).membership(user_id=who.user_id, organization="demo")  # connected
                start.wait()
                MembersTable(database).remove(user_id=who.user_id, organization="demo", member_id=whom.user_id)

        both = [threading.Thread(target=remove, args=pair) for pair in (callers, callers[::-1])]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert len(demo.roles()) == 1


@pytest.mark.parametrize("roles", [[], ["owner"], ["viewer", "Admin"]])
def test_only_the_four_roles_are_accepted(demo: MembersFixture, roles: list[str]) -> None:
    with pytest.raises(Invalid, match="viewer, operator, approver, admin"):
        demo.members.put(demo.anna, "demo", BEN, roles)


def test_an_unknown_member_cannot_be_removed(demo: MembersFixture) -> None:
    with pytest.raises(NotFound, match=BEN):
        demo.members.remove(demo.anna, "demo", BEN)


@pytest.mark.parametrize("revoked", [False, True])
def test_the_roles_of_a_service_token_cannot_be_changed(demo: MembersFixture, revoked: bool) -> None:
    token_id = demo.issue("viewer").token.id
    if revoked:
        demo.tokens.revoke(demo.anna, "demo", token_id)
    with pytest.raises(Conflict, match="^[0-9a-f-]+ is a machine"):
        demo.members.put(demo.anna, "demo", token_id, ["approver"])


def test_a_service_token_cannot_be_added_to_another_organisation(demo: MembersFixture) -> None:
    """There, it would be an approver without a grant and without an expiry."""
    token_id = demo.issue("viewer").token.id
    with pytest.raises(Conflict, match="service token"):
        demo.members.put(demo.member(BEN, "admin", organization="global"), "global", token_id, ["approver"])


def test_a_service_token_cannot_be_removed_like_a_member(demo: MembersFixture) -> None:
    with pytest.raises(Conflict, match="service token"):
        demo.members.remove(demo.anna, "demo", demo.issue("viewer").token.id)


# --- service tokens ---------------------------------------------------------------------------------------------------


def test_a_service_token_is_valid_until_it_is_revoked(demo: MembersFixture) -> None:
    issued = demo.issue("operator", "viewer", name=" CI ")
    assert (issued.token.name, issued.token.roles, issued.token.created_by) == ("CI", ("viewer", "operator"), ANNA)
    assert demo.is_live(issued) is True
    assert demo.roles()[issued.token.id] == ["viewer", "operator"]

    revoked = demo.tokens.revoke(demo.anna, "demo", issued.token.id)
    assert revoked.revoked_at is not None
    assert demo.is_live(issued) is False
    assert demo.roles() == {ANNA: ["admin"]}
    assert demo.tokens.revoke(demo.anna, "demo", issued.token.id) == revoked
    assert demo.tokens.list(demo.anna, "demo") == [revoked]


def test_the_record_does_not_contain_the_secret_of_a_service_token(demo: MembersFixture) -> None:
    secret = demo.issue("viewer").secret
    (kept,) = demo.owner.execute("select t::text from baton.service_tokens t").fetchone() or ("",)
    assert secret.rpartition("_")[2] not in kept


def test_a_machine_has_the_rights_of_its_roles_in_its_organisation(demo: MembersFixture) -> None:
    viewer, admin = demo.bearer(demo.issue("viewer")), demo.bearer(demo.issue("admin"))
    with pytest.raises(Forbidden, match="admin"):
        demo.members.list(viewer, "demo")
    assert demo.members.put(admin, "demo", BEN, ["viewer"])[1]
    with pytest.raises(NotFound):
        demo.members.list(admin, "global")


def test_the_list_of_members_has_no_machines(demo: MembersFixture) -> None:
    demo.issue("viewer")
    assert [member.user_id for member in demo.members.list(demo.anna, "demo")] == [ANNA]


def test_only_a_person_can_make_a_machine_an_approver_and_only_with_allow_approver(demo: MembersFixture) -> None:
    with pytest.raises(Invalid, match="allowApprover"):
        demo.issue("viewer", "approver")
    machine = demo.bearer(demo.issue("admin"))
    with pytest.raises(Forbidden, match="only a person"):
        demo.issue("approver", caller=machine, allow_approver=True)
    assert demo.issue("viewer", "approver", allow_approver=True).token.roles == ("viewer", "approver")
    assert demo.issue("viewer", allow_approver=True).token.roles == ("viewer",)  # allowed is not given


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"expires_at": in_days(-1)}, "expiresAt"),
        ({"expires_at": in_days(367)}, "expiresAt"),
        ({"roles": ["root"]}, "roles"),
        ({"roles": []}, "roles"),
    ],
)
def test_the_wrong_field_of_a_new_token_is_named(demo: MembersFixture, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error_info:
        demo.issue("viewer", **changes)
    assert [problem.field for problem in error_info.value.problems] == [field]
    assert demo.tokens.list(demo.anna, "demo") == []


def test_a_service_token_may_be_valid_for_a_year(demo: MembersFixture) -> None:
    assert demo.is_live(demo.issue("viewer", expires_at=in_days(365.9)))


def test_an_admin_of_another_organisation_cannot_revoke_a_token(demo: MembersFixture) -> None:
    ben = demo.member(BEN, "admin", organization="global")
    issued = demo.issue("viewer")
    with pytest.raises(NotFound):
        demo.tokens.revoke(ben, "global", issued.token.id)
    with pytest.raises(NotFound):
        demo.tokens.revoke(ben, "demo", issued.token.id)
    assert demo.is_live(issued)


@pytest.mark.parametrize("roles", [["viewer"], ["operator"], ["approver"], ["viewer", "operator", "approver"]])
def test_a_member_without_the_role_admin_sees_and_changes_nothing(demo: MembersFixture, roles: list[str]) -> None:
    ben = demo.member(BEN, *roles)
    attempts: list[Callable[[], Any]] = [
        lambda: demo.members.list(ben, "demo"),
        lambda: demo.members.put(ben, "demo", BEN, ["admin"]),
        lambda: demo.members.remove(ben, "demo", ANNA),
        lambda: demo.tokens.list(ben, "demo"),
        lambda: demo.issue("admin", caller=ben),
        lambda: demo.tokens.revoke(ben, "demo", str(uuid.uuid4())),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden, match="role admin"):
            attempt()
    assert demo.roles() == {ANNA: ["admin"], BEN: roles}
