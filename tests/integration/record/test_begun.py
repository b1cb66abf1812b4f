"""What a step is begun with: its own part of the plan, and the outputs of the steps that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from baton.ports.steps import Begun
from baton.store.database import Database
from baton.store.steps import Steps
from baton.usecases.launch import LaunchedRun

from .engine import EngineFixture
from .fakes import answer

READERS = """
    metadata: {name: readers, displayName: Readers, version: 1.0.0, description: a step reads one of two}
    orchestration:
      parameters: [{name: day, type: date}, {name: regions, type: "string[]"}]
      steps:
        - {id: first, agent: summarizer, output_mapping: {text: $.content.deliverable.content}}
        - {id: second, agent: summarizer, output_mapping: {text: $.content.deliverable.content}}
        - id: reader
          agent: summarizer
          depends_on: [first, second]
          when: "{{ day }} > '20240701'"
          for_each: "{{ regions }}"
          input: {context: {text: "{{ steps.second.text }}", region: "{{ item }}"}}
"""

Begin = Callable[[LaunchedRun, str, str], Begun]


@pytest.fixture
def begin(engine: EngineFixture, login_url: Callable[[str], str]) -> Iterator[Begin]:
    with closing(Database(login_url("step"))) as database:
        steps = Steps(database)
        yield lambda run, step_id, action: steps.begin(engine.delivery(run, step_id, action), 120.0)


@pytest.fixture
def run(engine: EngineFixture) -> LaunchedRun:
    """A run in which all but the last step are done."""
    run = engine.start(READERS, day="2024-07-02", regions=["north"])
    engine.agents.script = [answer("1"), answer("2")]
    engine.step(run, "first")
    engine.step(run, "second")
    return run


def test_a_step_gets_its_own_part_of_the_plan_and_the_outputs_that_it_reads(run: LaunchedRun, begin: Begin) -> None:
    begun = begin(run, "reader", "expand")
    assert begun.planned == run.plan.step("reader").to_json()
    assert begun.outputs == {"second": {"text": "2"}}


def test_an_item_gets_the_part_of_its_step(engine: EngineFixture, run: LaunchedRun, begin: Begin) -> None:
    engine.step(run, "reader", "expand")
    begun = begin(run, "reader[0]", "run")
    assert begun.planned == run.plan.step("reader").to_json()
    assert (begun.item, begun.outputs) == ("north", {"second": {"text": "2"}})


def test_a_step_that_reads_none_gets_no_outputs(run: LaunchedRun, engine: EngineFixture, begin: Begin) -> None:
    other = engine.launch(orchestration="readers", parameters={"regions": []})
    begun = begin(other, "first", "run")
    assert begun.planned == run.plan.step("first").to_json()
    assert begun.outputs == {}


def test_a_step_that_does_not_say_what_it_reads_gets_all_outputs(
    engine: EngineFixture, run: LaunchedRun, begin: Begin
) -> None:
    engine.owner.execute("update orchestration_steps set reads = null where run_id = %s", (run.run_id,))
    begun = begin(run, "reader", "expand")
    assert begun.outputs == {"first": {"text": "1"}, "second": {"text": "2"}}
