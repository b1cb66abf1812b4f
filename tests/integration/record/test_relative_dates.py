"""Relative dates in a launch, a fork, a child run and a person's retry, on the day of the organisation."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from baton.errors import Invalid
from baton.usecases.launch_run import LaunchRequest
from baton.usecases.run_child import child_id

from .engine import FETCH, PARAMETERS, EngineFixture
from .fakes import kpi_answer
from .test_children import CHILD, REVIEW
from .test_forks import ForkOf, fork, source

__all__ = ["fork", "source"]  # fixtures

# It is never the same day in both.
EAST, WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"
RELATIVE = {**PARAMETERS, "start_date": "today - 7 days", "end_date": "today"}


def move_to(engine: EngineFixture, time_zone: str) -> None:
    engine.owner.execute("update organizations set time_zone = %s where slug = 'demo'", (time_zone,))


def today(engine: EngineFixture) -> date:
    zone = "select (now() at time zone time_zone)::date as day from organizations where slug = 'demo'"
    day: date = engine.one(zone)["day"]
    return day


@pytest.mark.parametrize("time_zone", [EAST, WEST])
def test_a_run_has_the_dates_of_its_organisations_day(engine: EngineFixture, time_zone: str) -> None:
    move_to(engine, time_zone)
    before = today(engine)
    run = engine.launch(parameters=RELATIVE)
    planned = engine.launch_run.preview(engine.caller, request())
    recorded = engine.run(run)["parameters"]
    for parameters in (recorded, planned.parameters):
        end = date.fromisoformat(parameters["end_date"])
        assert end in (before, today(engine))
        assert parameters["start_date"] == str(end - timedelta(days=7))
    assert planned.parameters["end_date"] in planned.inputs[FETCH]["userMessage"]


def test_the_same_request_on_another_day_has_the_same_idempotency_key(engine: EngineFixture) -> None:
    move_to(engine, WEST)
    first = engine.launch(parameters=RELATIVE, idempotency_key="nightly")
    move_to(engine, EAST)
    again = engine.launch(parameters=RELATIVE, idempotency_key="nightly")
    assert (again.run_id, first.created, again.created) == (first.run_id, True, False)
    with pytest.raises(Invalid, match="was used for another launch"):
        engine.launch(parameters=engine.run(first)["parameters"], idempotency_key="nightly")


def test_a_persons_retry_gets_the_date_of_its_day(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer(), kpi_answer()]
    engine.step(run, FETCH)
    approval, sent = engine.checkpoint(run, FETCH), {"end_date": "yesterday", "context": {"kpiNames": ["arr"]}}
    move_to(engine, WEST)
    yesterday = str(today(engine) - timedelta(days=1))
    engine.decide(approval, "retry", modifications=sent)
    move_to(engine, EAST)
    engine.decide(approval, "retry", modifications=sent)  # the same decision, sent on another day

    engine.step(run, FETCH)
    assert engine.run(run)["parameter_overrides"] == {"end_date": yesterday}
    assert engine.agents.asked[-1]["review"]["modifications"] == {**sent, "end_date": yesterday}
    assert engine.one("select modifications from human_approvals")["modifications"] == sent


def test_a_retry_whose_relative_date_breaks_a_constraint_is_refused(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    approval = engine.checkpoint(run, FETCH)
    with pytest.raises(Invalid, match=r"modifications\.start_date: The range ends before it starts"):
        engine.decide(approval, "retry", modifications={"start_date": "today"})
    with pytest.raises(
        Invalid, match=r"modifications\.start_date: must be a date .* \(did you mean `start of month`\?\)"
    ):
        engine.decide(approval, "retry", modifications={"start_date": "strat of month"})


def test_a_fork_gets_the_date_of_its_day(engine: EngineFixture, source: object, fork: ForkOf) -> None:
    forked = fork(source, FETCH, modifications={"end_date": "today"})
    row = engine.run(engine.of(forked.run_id))
    assert row["parameter_overrides"] == {"end_date": str(today(engine))}
    engine.agents.script = [kpi_answer()]
    engine.step(engine.of(forked.run_id), FETCH)
    assert engine.agents.asked[-1]["review"]["modifications"] == row["parameter_overrides"]


def test_a_child_run_gets_the_date_of_its_organisations_day(engine: EngineFixture) -> None:
    text = REVIEW.replace('end_date: "{{ end_date }}"', "end_date: today")
    assert text != REVIEW
    move_to(engine, EAST)
    before = today(engine)
    run = engine.start(text, start_date="2024-07-01", end_date="2024-09-30")
    engine.step(run, CHILD, "prepare")
    child = engine.of(str(child_id(run.run_id, CHILD, 1)))
    assert date.fromisoformat(engine.run(child)["parameters"]["end_date"]) in (before, today(engine))


def test_an_organisation_has_a_time_zone_that_exists(engine: EngineFixture) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="Europe/Atlantis"):
        move_to(engine, "Europe/Atlantis")


def request() -> LaunchRequest:
    return LaunchRequest("demo", None, "kpi-tracking", None, RELATIVE)
