"""Mode `plan` is compared with a launch of the same request."""

from __future__ import annotations

from baton.usecases.launch_run import LaunchRequest

from .engine import FETCH, PARAMETERS, EngineFixture
from .fakes import answer, kpi_answer

REVIEWED = """
    metadata: {name: reviewed, displayName: Reviewed, version: 1.0.0, description: looks at every region}
    orchestration:
      parameters:
        - {name: regions, type: "string[]", required: true}
        - {name: note, type: string}
      steps:
        - id: look
          name: Look
          agent: summarizer
          for_each: "{{ regions }}"
          as: region
          input: {userMessage: "Look at {{ region }} of {{ regions }}"}
          checkpoint_after: {question: "Right?", required: false, options: [{action: continue, label: Go on}]}
        - id: tell
          name: Tell
          agent: summarizer
          depends_on: [look]
          input: {context: {regions: "{{ parameters.regions }}", note: "{{ note }}", all: "all of {{ note }}"}}
          checkpoint_after: {question: "Sure?", options: [{action: continue, label: Go on}]}
"""


def launch_of(name: str, **more: object) -> LaunchRequest:
    return LaunchRequest("demo", None, name, None, more.pop("parameters", PARAMETERS), **more)  # type: ignore[arg-type]


def test_the_known_inputs_of_a_preview_are_the_agents_inputs(engine: EngineFixture) -> None:
    planned = engine.launch_run.preview(engine.caller, launch_of("kpi-tracking"))
    assert engine.all("select from orchestration_runs") == []

    engine.agents.script = [kpi_answer()]
    engine.step(engine.launch(), FETCH)
    assert engine.agents.asked[0]["payload"] == planned.inputs[FETCH]


def test_a_preview_describes_lists_and_parameters_without_a_value(engine: EngineFixture) -> None:
    parameters = {"regions": ["north", "south"]}
    planned = engine.launch_run.preview(engine.caller, launch_of(engine.define(REVIEWED), parameters=parameters))
    run = engine.launch(orchestration="reviewed", parameters=parameters, skip_optional_checkpoints=True)

    assert planned.lists == {"look": ["north", "south"]}
    assert engine.step(run, "look", "expand")["items"] == [0, 1]
    engine.agents.script = [answer(), answer(), answer()]
    for state in ("look[0]", "look[1]"):
        engine.step(run, state)
    assert engine.step(run, "look", "gather")["status"] == "completed"
    engine.step(run, "tell")
    assert planned.inputs["look"] == {"userMessage": "Look at {{ region }} of north, south"}
    assert engine.agents.asked[-1]["payload"] == planned.inputs["tell"]


def test_a_checkpoint_that_the_launch_leaves_out_is_not_planned(engine: EngineFixture) -> None:
    name, parameters = engine.define(REVIEWED), {"regions": ["north"]}
    for skip, asked in ((False, ["look", "tell"]), (True, ["tell"])):
        request = launch_of(name, parameters=parameters, skip_optional_checkpoints=skip)
        assert list(engine.launch_run.preview(engine.caller, request).checkpoints) == asked
