"""Members and service tokens, administered on the API's own login."""

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

ANNA, BEN = str(uuid.uuid4()), str(uuid.uuid4())


class Office:
    """Organisation `demo`, of which Anna is admin."""

    def __init__(self, database: Database, owner: psycopg.Connection[Any]) -> None:
        self.owner = owner
        self.anna = self.member(ANNA, "admin")
        table = MembersTable(database)
        self.members = ManageMembers(table)
        self.bearers = ServiceTokensTable(database)
        self.tokens = ManageServiceTokens(table, self.bearers)

    def member(self, user_id: str, *roles: str, organization: str = "demo") -> Principal:
        self.owner.execute(
            "insert into organization_members (organization_id, user_id, roles)"
            " select id, %s, %s from organizations where slug = %s",
            (user_id, [*roles], organization),
        )
        return Principal(user_id)

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
def office(database_url: str, login_url: Callable[[str], str]) -> Iterator[Office]:
    with closing(Database(login_url("api"))) as database, psycopg.connect(database_url, autocommit=True) as owner:
        yield Office(database, owner)


# --- members ----------------------------------------------------------------------------------------------------------


def test_an_admin_adds_somebody_changes_their_roles_and_removes_them(office: Office) -> None:
    added, new = office.members.put(office.anna, "demo", BEN, ["viewer"])
    assert (added.user_id, added.roles, new) == (BEN, ("viewer",), True)
    changed, new = office.members.put(office.anna, "demo", BEN, ["approver", "viewer", "viewer"])
    assert (changed.roles, new, changed.created_at) == (("viewer", "approver"), False, added.created_at)
    assert [member.user_id for member in office.members.list(office.anna, "demo")] == [ANNA, BEN]
    office.members.remove(office.anna, "demo", BEN)
    assert office.roles() == {ANNA: ["admin"]}


def test_the_last_admin_stays(office: Office) -> None:
    with pytest.raises(Conflict, match="^the member .* is the last admin"):
        office.members.put(office.anna, "demo", ANNA, ["viewer"])
    with pytest.raises(Conflict, match="last admin"):
        office.members.remove(office.anna, "demo", ANNA)
    assert office.roles() == {ANNA: ["admin"]}


def test_a_machine_that_is_admin_is_not_the_admin_who_must_stay(office: Office) -> None:
    office.issue("admin")
    with pytest.raises(Conflict, match="last admin"):
        office.members.remove(office.anna, "demo", ANNA)


def test_one_of_two_admins_may_go(office: Office) -> None:
    office.member(BEN, "admin")
    office.members.remove(office.anna, "demo", ANNA)
    assert office.roles() == {BEN: ["admin"]}


def test_two_admins_who_remove_each_other_do_not_both_go(
    office: Office, login_url: Callable[[str], str], database_url: str
) -> None:
    for _ in range(20):
        office.owner.execute("delete from organization_members")
        callers = office.member(ANNA, "admin"), office.member(BEN, "admin")
        start = threading.Barrier(2)

        def remove(who: Principal, whom: Principal, start: threading.Barrier = start) -> None:
            with closing(Database(login_url("api"))) as database:
                MembersTable(database).standing(user_id=who.user_id, organization="demo")  # connected
                start.wait()
                MembersTable(database).remove(user_id=who.user_id, organization="demo", member_id=whom.user_id)

        both = [threading.Thread(target=remove, args=pair) for pair in (callers, callers[::-1])]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert len(office.roles()) == 1


@pytest.mark.parametrize("roles", [[], ["owner"], ["viewer", "Admin"]])
def test_roles_are_some_of_four(office: Office, roles: list[str]) -> None:
    with pytest.raises(Invalid, match="viewer, operator, approver, admin"):
        office.members.put(office.anna, "demo", BEN, roles)


def test_whoever_is_not_there_cannot_be_removed(office: Office) -> None:
    with pytest.raises(NotFound, match=BEN):
        office.members.remove(office.anna, "demo", BEN)


@pytest.mark.parametrize("revoked", [False, True])
def test_a_service_token_is_no_member_whose_roles_change(office: Office, revoked: bool) -> None:
    token_id = office.issue("viewer").token.id
    if revoked:
        office.tokens.revoke(office.anna, "demo", token_id)
    with pytest.raises(Conflict, match="^the id .* is a service token"):
        office.members.put(office.anna, "demo", token_id, ["approver"])


def test_nor_in_another_organisation_than_its_own(office: Office) -> None:
    """It would be an approver there without having been granted it, and without an end."""
    token_id = office.issue("viewer").token.id
    with pytest.raises(Conflict, match="service token"):
        office.members.put(office.member(BEN, "admin", organization="global"), "global", token_id, ["approver"])


def test_nor_is_it_removed_like_one(office: Office) -> None:
    with pytest.raises(Conflict, match="service token"):
        office.members.remove(office.anna, "demo", office.issue("viewer").token.id)


# --- service tokens ---------------------------------------------------------------------------------------------------


def test_a_service_token_is_good_until_it_is_revoked(office: Office) -> None:
    issued = office.issue("operator", "viewer", name=" CI ")
    assert (issued.token.name, issued.token.roles, issued.token.created_by) == ("CI", ("viewer", "operator"), ANNA)
    assert office.is_live(issued) is True
    assert office.roles()[issued.token.id] == ["viewer", "operator"]

    revoked = office.tokens.revoke(office.anna, "demo", issued.token.id)
    assert revoked.revoked_at is not None
    assert office.is_live(issued) is False
    assert office.roles() == {ANNA: ["admin"]}
    assert office.tokens.revoke(office.anna, "demo", issued.token.id) == revoked
    assert office.tokens.list(office.anna, "demo") == [revoked]


def test_the_record_does_not_hold_what_it_is_used_by(office: Office) -> None:
    secret = office.issue("viewer").secret
    (kept,) = office.owner.execute("select t::text from baton.service_tokens t").fetchone() or ("",)
    assert secret.rpartition("_")[2] not in kept


def test_a_machine_may_do_what_its_roles_say_and_where(office: Office) -> None:
    viewer, admin = office.bearer(office.issue("viewer")), office.bearer(office.issue("admin"))
    with pytest.raises(Forbidden, match="admin"):
        office.members.list(viewer, "demo")
    assert office.members.put(admin, "demo", BEN, ["viewer"])[1]
    with pytest.raises(NotFound):
        office.members.list(admin, "global")


def test_machines_are_not_listed_among_the_people(office: Office) -> None:
    office.issue("viewer")
    assert [member.user_id for member in office.members.list(office.anna, "demo")] == [ANNA]


def test_a_machine_is_approver_only_if_that_is_said_twice_and_by_a_person(office: Office) -> None:
    with pytest.raises(Invalid, match="allowApprover"):
        office.issue("viewer", "approver")
    machine = office.bearer(office.issue("admin"))
    with pytest.raises(Forbidden, match="only a person"):
        office.issue("approver", caller=machine, allow_approver=True)
    assert office.issue("viewer", "approver", allow_approver=True).token.roles == ("viewer", "approver")
    assert office.issue("viewer", allow_approver=True).token.roles == ("viewer",)  # allowed is not given


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
def test_what_is_wrong_with_a_new_token_is_named(office: Office, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        office.issue("viewer", **changes)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert office.tokens.list(office.anna, "demo") == []


def test_a_service_token_may_last_a_year(office: Office) -> None:
    assert office.is_live(office.issue("viewer", expires_at=in_days(365.9)))


def test_a_token_of_another_organisation_is_not_revoked(office: Office) -> None:
    ben = office.member(BEN, "admin", organization="global")
    issued = office.issue("viewer")
    with pytest.raises(NotFound):
        office.tokens.revoke(ben, "global", issued.token.id)
    with pytest.raises(NotFound):
        office.tokens.revoke(ben, "demo", issued.token.id)
    assert office.is_live(issued)


@pytest.mark.parametrize("roles", [["viewer"], ["operator"], ["approver"], ["viewer", "operator", "approver"]])
def test_who_is_not_admin_sees_and_changes_nothing(office: Office, roles: list[str]) -> None:
    ben = office.member(BEN, *roles)
    attempts: list[Callable[[], Any]] = [
        lambda: office.members.list(ben, "demo"),
        lambda: office.members.put(ben, "demo", BEN, ["admin"]),
        lambda: office.members.remove(ben, "demo", ANNA),
        lambda: office.tokens.list(ben, "demo"),
        lambda: office.issue("admin", caller=ben),
        lambda: office.tokens.revoke(ben, "demo", str(uuid.uuid4())),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden, match="role admin"):
            attempt()
    assert office.roles() == {ANNA: ["admin"], BEN: roles}
