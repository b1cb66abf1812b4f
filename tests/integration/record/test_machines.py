"""Actions of machines: they are recorded under the id of the service token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from baton.errors import Forbidden, NotFound
from baton.model import Principal, Role

from .engine import FETCH, EngineFixture
from .fakes import kpi_answer


def machine(engine: EngineFixture, *roles: Role, lasts: timedelta = timedelta(days=1)) -> Principal:
    """A member with an end, as a service token makes it."""
    principal = engine.member(*roles)
    engine.owner.execute(
        "update organization_members set kind = 'machine', expires_at = %s where user_id = %s",
        (datetime.now(UTC) + lasts, principal.user_id),
    )
    return principal


def test_a_machine_launches_and_decides_under_its_own_id(engine: EngineFixture) -> None:
    operator, approver = machine(engine, Role.OPERATOR), machine(engine, Role.APPROVER)
    run = engine.launch(caller=operator)
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    approval = engine.checkpoint(run, FETCH)
    with pytest.raises(Forbidden):
        engine.decide(approval, "continue", caller=operator)

    engine.decide(approval, "continue", caller=approver)
    assert str(engine.run(run)["launched_by"]) == operator.user_id
    decided = engine.one("select decided_by from human_approvals where id = %s", approval)["decided_by"]
    assert str(decided) == approver.user_id


def test_an_expired_service_token_is_not_a_member(engine: EngineFixture) -> None:
    over = machine(engine, *Role, lasts=timedelta(seconds=-1))
    with pytest.raises(NotFound):
        engine.launch(caller=over)
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    approval = engine.checkpoint(run, FETCH)
    with pytest.raises(NotFound):
        engine.decide(approval, "continue", caller=over)
