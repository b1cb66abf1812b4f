"""The data that a step begins with: its part of the plan, and the outputs of the steps that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from baton.ports.steps import BeginResult
from baton.store.database import Database
from baton.store.steps import Steps
from baton.usecases.launch_run import LaunchedRun

from .engine import EngineFixture
from .fakes import answer

READERS = """
    metadata: {name: readers, displayName: Readers, version: 1.0.0, description: a step reads two of three}
    orchestration:
      parameters: [{name: day, type: date}]
      steps:
        - {id: first, agent: summarizer, output_mapping: {text: $.content.deliverable.content}}
        - {id: second, agent: summarizer, output_mapping: {text: $.content.deliverable.content}}
        - {id: listing, agent: summarizer, output_mapping: {regions: $.content.deliverable.metadata.regions}}
        - id: reader
          agent: summarizer
          depends_on: [first, second, listing]
          when: "{{ day }} > '20240701'"
          for_each: "{{ steps.listing.regions }}"
          input: {context: {text: "{{ steps.second.text }}", region: "{{ item }}"}}
"""

LISTED = {"listing": {"regions": ["north"]}}

Begin = Callable[[LaunchedRun, str, str], BeginResult]


@pytest.fixture
def begin(engine: EngineFixture, login_url: Callable[[str], str]) -> Iterator[Begin]:
    with closing(Database(login_url("step"))) as database:
        steps = Steps(database)
        yield lambda run, step_id, action: steps.begin(engine.delivery(run, step_id, action), 120.0)


@pytest.fixture
def run(engine: EngineFixture) -> LaunchedRun:
    """A run in which all but the last step are done."""
    run = engine.start(READERS, day="2024-07-02")
    engine.agents.script = [answer("1"), answer("2"), answer(regions=["north"])]
    for step_id in ("first", "second", "listing"):
        engine.step(run, step_id)
    return run


def test_a_step_gets_its_own_part_of_the_plan_and_the_outputs_that_it_reads(run: LaunchedRun, begin: Begin) -> None:
    begun = begin(run, "reader", "expand")
    assert begun.planned == run.plan.step("reader").to_json()
    assert begun.outputs == {"second": {"text": "2"}, **LISTED}


def test_an_item_gets_its_steps_plan_and_the_outputs_that_its_input_reads_without_the_list(
    engine: EngineFixture, run: LaunchedRun, begin: Begin
) -> None:
    engine.step(run, "reader", "expand")
    begun = begin(run, "reader[0]", "run")
    assert begun.planned == run.plan.step("reader").to_json()
    assert (begun.item, begun.outputs) == ("north", {"second": {"text": "2"}})


def test_a_step_that_reads_none_gets_no_outputs(run: LaunchedRun, engine: EngineFixture, begin: Begin) -> None:
    other = engine.launch(orchestration="readers", parameters={})
    begun = begin(other, "first", "run")
    assert begun.planned == run.plan.step("first").to_json()
    assert begun.outputs == {}


def test_a_step_without_a_list_of_reads_gets_all_outputs(engine: EngineFixture, run: LaunchedRun, begin: Begin) -> None:
    engine.owner.execute("update orchestration_steps set reads = null where run_id = %s", (run.run_id,))
    begun = begin(run, "reader", "expand")
    assert begun.outputs == {"first": {"text": "1"}, "second": {"text": "2"}, **LISTED}


@pytest.mark.parametrize("stored", ["planned - 'itemReads'", "planned || '{\"itemReads\": null}'"])
def test_an_item_without_a_list_of_reads_gets_the_outputs_that_its_step_reads(
    engine: EngineFixture, run: LaunchedRun, begin: Begin, stored: str
) -> None:
    engine.step(run, "reader", "expand")
    engine.owner.execute(f"update orchestration_steps set planned = {stored} where step_id = 'reader'".encode())
    assert begin(run, "reader[0]", "run").outputs == {"second": {"text": "2"}, **LISTED}
