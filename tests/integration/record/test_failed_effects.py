"""Failed effects: who may see and redrive them, with the API's login."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest

from baton.errors import Forbidden, NotFound
from baton.model import EffectKind, Role
from baton.outbox import Effect, FailedDelivery
from baton.store.database import Database
from baton.store.outbox import FailedEffects, OutboxTable
from baton.usecases.outbox import ManageOutbox

from .engine import ENGINE, EngineFixture


@pytest.fixture
def manage_outbox(login_url: Callable[[str], str]) -> Iterator[ManageOutbox]:
    with closing(Database(login_url("api"))) as database:
        yield ManageOutbox(FailedEffects(database))


@pytest.fixture
def relay_table(login_url: Callable[[str], str]) -> Iterator[OutboxTable]:
    with closing(Database(login_url("relay"))) as database:
        yield OutboxTable(database)


@pytest.fixture
def failed_effect(engine: EngineFixture, relay_table: OutboxTable) -> str:
    """The id of a start that has failed twice."""
    engine.launch()
    effect = str(engine.one("select id from baton.outbox where kind = 'start'")["id"])
    for failures, reason in enumerate(("ConnectionError: no answer", "AccessDenied: not allowed")):
        relay_table.put_off([FailedDelivery(Effect(effect, "", EffectKind.START, {}, failures=failures), reason)])
    return effect


def test_a_failed_effect_is_shown_with_its_last_error_and_next_try(
    engine: EngineFixture, manage_outbox: ManageOutbox, failed_effect: str
) -> None:
    [effect] = manage_outbox.failed(engine.caller, organization="demo", failures=1, limit=10)

    assert (effect.id, effect.kind, effect.organization) == (failed_effect, "start", "demo")
    assert (effect.failures, effect.last_error) == (2, "AccessDenied: not allowed")
    assert effect.next_try_at > effect.created_at
    assert not hasattr(effect, "payload")


def test_an_effect_with_fewer_failures_is_not_shown(
    engine: EngineFixture, manage_outbox: ManageOutbox, failed_effect: str
) -> None:
    assert manage_outbox.failed(engine.caller, organization=None, failures=3, limit=10) == []
    assert len(manage_outbox.failed(engine.caller, organization=None, failures=2, limit=10)) == 1


def test_a_redriven_effect_is_claimed_by_the_next_sweep(
    engine: EngineFixture, manage_outbox: ManageOutbox, relay_table: OutboxTable, failed_effect: str
) -> None:
    assert relay_table.claim_due(ENGINE.id, 10) == ()

    assert manage_outbox.redrive(engine.caller, failed_effect).failures == 2

    [claimed] = relay_table.claim_due(ENGINE.id, 10)
    assert (claimed.id, claimed.failures) == (failed_effect, 2)


def test_only_the_failed_effects_are_redriven(
    engine: EngineFixture, manage_outbox: ManageOutbox, relay_table: OutboxTable, failed_effect: str
) -> None:
    assert manage_outbox.redrive_all(engine.caller, organization=None) == 1
    assert [effect.id for effect in relay_table.claim_due(ENGINE.id, 10)] == [failed_effect]


def test_a_delivered_effect_cannot_be_redriven(
    engine: EngineFixture, manage_outbox: ManageOutbox, failed_effect: str
) -> None:
    engine.owner.execute("delete from baton.outbox where id = %s", (failed_effect,))
    with pytest.raises(NotFound, match="delivered meanwhile"):
        manage_outbox.redrive(engine.caller, failed_effect)


def test_an_effect_without_failures_is_left_to_its_writer(engine: EngineFixture, manage_outbox: ManageOutbox) -> None:
    engine.launch()
    effect = str(engine.one("select id from baton.outbox where kind = 'start'")["id"])
    with pytest.raises(NotFound):
        manage_outbox.redrive(engine.caller, effect)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_an_operator_and_an_admin_may_redrive(
    engine: EngineFixture, manage_outbox: ManageOutbox, failed_effect: str, role: Role
) -> None:
    caller = engine.member(role)
    assert len(manage_outbox.failed(caller, organization=None, failures=1, limit=10)) == 1
    assert manage_outbox.redrive_all(caller, organization="demo") == 1
    assert manage_outbox.redrive(caller, failed_effect).id == failed_effect


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_other_members_may_not_redrive(
    engine: EngineFixture, manage_outbox: ManageOutbox, failed_effect: str, role: Role
) -> None:
    caller = engine.member(role)
    for ask in (
        lambda: manage_outbox.failed(caller, organization=None, failures=1, limit=10),
        lambda: manage_outbox.redrive(caller, failed_effect),
        lambda: manage_outbox.redrive_all(caller, organization="demo"),
    ):
        with pytest.raises(Forbidden, match="operator or admin"):
            ask()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_the_record_checks_the_role_again(
    engine: EngineFixture, login_url: Callable[[str], str], failed_effect: str, role: Role
) -> None:
    user_id = engine.member(role).user_id
    with closing(Database(login_url("api"))) as database:
        table = FailedEffects(database)
        assert table.redrive(user_id=user_id, effect_id=failed_effect) is None
        assert table.redrive_all(user_id=user_id, organizations=["demo"]) == 0


def test_another_organisations_outbox_does_not_exist(
    engine: EngineFixture, manage_outbox: ManageOutbox, failed_effect: str
) -> None:
    engine.owner.execute("insert into organizations (slug, name) values ('elsewhere', 'Elsewhere')")
    stranger = engine.member(Role.OPERATOR, Role.ADMIN, organization="elsewhere")

    assert manage_outbox.failed(stranger, organization=None, failures=1, limit=10) == []
    assert manage_outbox.redrive_all(stranger, organization=None) == 0
    for ask in (
        lambda: manage_outbox.failed(stranger, organization="demo", failures=1, limit=10),
        lambda: manage_outbox.redrive(stranger, failed_effect),
        lambda: manage_outbox.redrive_all(stranger, organization="demo"),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize("column", ["payload = '{}'", "kind = 'stop'", "run_id = gen_random_uuid()"])
def test_the_apis_login_cannot_change_an_effect(
    login_url: Callable[[str], str], failed_effect: str, column: str
) -> None:
    with (
        psycopg.connect(login_url("api")) as api,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        api.execute(f"update baton.outbox set {column} where id = %s", (failed_effect,))
