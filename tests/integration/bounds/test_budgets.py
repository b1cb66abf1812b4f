"""What people and agents send has a size where it enters the record."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from baton.budgets import MAX_OUTPUTS_BYTES, MAX_TEXT_BYTES
from baton.errors import StepExhausted
from baton.usecases.launch_run import LaunchedRun
from tests.integration.bounds.conftest import ApiFixture
from tests.integration.bounds.stored import REVIEWED
from tests.integration.record.fakes import answer, refusal

LOOK = "look"


@pytest.fixture
def run(api: ApiFixture) -> LaunchedRun:
    return api.engine.launch(orchestration="reviewed", parameters={"regions": ["north"]})


def test_a_long_reason_of_an_agent_is_shortened_with_its_length(api: ApiFixture, run: LaunchedRun) -> None:
    api.engine.agents.script = [refusal("é" * 2_500_000, retryable=False)]
    with pytest.raises(StepExhausted):
        api.engine.step(run, LOOK)
    message = api.engine.step_row(run, LOOK)["error"]["message"]
    assert message.startswith("ééé")
    assert message.endswith("é… (5,000,000 bytes)")
    assert len(message.encode()) <= MAX_TEXT_BYTES


@pytest.mark.parametrize(("size", "status"), [(MAX_OUTPUTS_BYTES - 100, "checkpoint"), (MAX_OUTPUTS_BYTES, "failed")])
def test_outputs_beyond_the_budget_fail_the_step_without_a_retry(
    api: ApiFixture, run: LaunchedRun, size: int, status: str
) -> None:
    api.engine.agents.script = [answer("x" * size)]
    if status == "failed":
        with pytest.raises(StepExhausted, match="OutputTooLarge"):
            api.engine.step(run, LOOK)
    else:
        api.engine.step(run, LOOK)
    step = api.engine.step_row(run, LOOK)
    assert step["status"] == status
    if status == "failed":
        assert (step["error"]["type"], step["error"]["retryable"]) == ("OutputTooLarge", False)
        assert f"text {size + 2:,}" in step["error"]["message"]


def test_an_input_beyond_the_budget_fails_without_a_retry_and_without_a_call(api: ApiFixture) -> None:
    """Few references to one large output could fill the memory of the function."""
    run = api.engine.start(
        """
      metadata: {name: large-input, displayName: Large input, version: 1.0.0, description: "Reads one output often."}
      orchestration:
        steps:
          - {id: one, agent: summarizer, output_mapping: {text: $.content.deliverable.content}}
          - {id: two, agent: summarizer, depends_on: [one], input: {userMessage: "%s"}}
    """
        % ("{{ steps.one.text }}" * 80)
    )
    api.engine.agents.script = [answer("x" * 3_500_000)]
    api.engine.step(run, "one")
    asked = len(api.engine.agents.asked)
    with pytest.raises(StepExhausted, match="InputTooLarge"):
        api.engine.step(run, "two")
    assert len(api.engine.agents.asked) == asked
    assert api.engine.step_row(run, "two")["error"]["retryable"] is False


def test_a_number_counts_with_all_its_digits(api: ApiFixture) -> None:
    """``1E+1000`` has seven bytes in an agent's answer and a thousand in the record."""
    text = REVIEWED.replace("name: reviewed", "name: numbers").replace("$.content.deliverable.content", "$.content.x")
    counted = api.engine.start(text, regions=["north"])
    given = answer()
    given["payload"]["content"]["x"] = [Decimal("1E+1000")] * 5_000
    api.engine.agents.script = [given]
    with pytest.raises(StepExhausted, match="OutputTooLarge: .* has 5,010,0"):
        api.engine.step(counted, LOOK)


def test_parameters_beyond_the_budget_are_refused_and_start_nothing(api: ApiFixture) -> None:
    body = {
        "organization": "demo",
        "orchestration": {"name": "reviewed"},
        "parameters": {"regions": ["x" * 1000] * 300},
    }
    before = api.engine.one("select count(*) from orchestration_runs")
    refused = api.ask("POST", "/orchestrations/runs", body)
    assert refused["statusCode"] == 422
    assert '"field":"parameters"' in refused["body"]
    assert api.engine.one("select count(*) from orchestration_runs") == before


def test_a_preview_of_many_large_inputs_fits(api: ApiFixture) -> None:
    """The input of every step may contain every parameter."""
    text = "{{ parameters.text }}"
    step = "        - {id: s%d, name: S, agent: summarizer, input: {context: {text: '%s'}}}\n"
    steps = "".join(step % (number, text) for number in range(30))
    api.engine.define(f"""
    metadata: {{name: wide-preview, displayName: Wide, version: 1.0.0, description: many inputs}}
    orchestration:
      parameters: [{{name: text, type: string, required: true}}]
      steps:
{steps}""")
    payload = {"orchestration": {"name": "wide-preview"}, "promptParameters": {"text": '"' * 100_000}}
    task = {"mode": "plan", "payload": payload}
    planned = api.ask("POST", "/agent-to-agent/demo/finance-manager/tasks", task)
    assert planned["statusCode"] == 200
    omitted = json.loads(planned["body"])["omitted"]
    assert 10 < len(omitted) < 30
    assert {entry["pointer"].partition("/input/")[2] for entry in omitted} == {"context"}
