"""An operator's actions on failed runs, over HTTP and with the command, on the whole stack."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from baton.budgets import MAX_TEXT_BYTES
from cli import main as command
from local.stack import Stack
from tests.integration.executions import execution_of
from tests.integration.fake_agent import FakeAgent, Task, answer, refusal
from tests.integration.http_client import send
from tests.integration.stack_client import ApiProblem, StackClient, checkpoint, statuses, step
from tests.integration.waiting import wait_until

REVIEW = {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30", "grouping": "month"}


def only_with_two(task: Task) -> dict[str, Any]:
    """A behaviour that succeeds only if ``n`` is 2."""
    return answer(task) if task["payload"]["context"]["n"] == 2 else refusal(task)


@pytest.fixture
def failed_run(client: StackClient, agent: FakeAgent) -> str:
    """A run whose step `a` has completed, whose step `b` has failed, and whose step `c` needs both."""
    agent.behave("b", only_with_two)
    client.publish(
        step("a"),
        step("b", "a", input={"context": {"n": "{{ number }}", "unit": "EUR"}}),
        step("c", "b", input={"context": {"b": "{{ steps.b.note }}"}}),
        parameters=[{"name": "number", "type": "integer", "default": 1}],
    )
    run_id = client.launch()
    assert client.wait_for_end(run_id)["error"]["stepId"] == "b"
    wait_until(lambda: executions(client, run_id) == {"1": "FAILED"})  # a retry would stop one that runs on
    return run_id


def calls(agent: FakeAgent) -> dict[str, int]:
    return {step_id: len(agent.tasks(step_id)) for step_id in ("a", "b", "c")}


def executions(client: StackClient, run_id: str) -> dict[str, str]:
    """Generation → status of every execution of a run in Step Functions."""
    [(generation,)] = client.rows("select generation from orchestration_runs where id = %s", run_id)
    states = boto3.client("stepfunctions")
    arns = {str(number): execution_of(client, run_id, number) for number in range(1, generation + 1)}
    return {number: states.describe_execution(executionArn=arn)["status"] for number, arn in arns.items()}


def test_a_failed_step_is_retried_with_changes_and_completed_steps_do_not_run_again(
    client: StackClient, agent: FakeAgent, failed_run: str
) -> None:
    outcome = client.act(failed_run, "retry", modifications={"context": {"n": 2}}, note="two it is")
    assert (outcome["stepId"], outcome["generation"], outcome["status"]) == ("b", 2, "running")

    run = client.wait_for_end(failed_run)
    assert (run["status"], run["generation"]) == ("completed", 2)
    assert calls(agent) == {"a": 1, "b": 2, "c": 1}
    assert run["results"]["steps"]["b"]["context"] == {"n": 2, "unit": "EUR"}
    assert run["parameterOverrides"] == {}
    wait_until(lambda: executions(client, failed_run) == {"1": "FAILED", "2": "SUCCEEDED"})


def test_a_parameter_of_a_retry_overrides_the_launchs(client: StackClient, failed_run: str) -> None:
    client.act(failed_run, "retry", modifications={"number": 2})

    run = client.wait_for_end(failed_run)
    assert (run["status"], run["parameters"], run["parameterOverrides"]) == ("completed", {"number": 1}, {"number": 2})


def test_a_retry_that_fails_again_can_be_retried_again(client: StackClient, agent: FakeAgent, failed_run: str) -> None:
    client.act(failed_run, "retry")
    wait_until(lambda: len(agent.tasks("b")) == 2)
    assert client.wait_for_end(failed_run)["status"] == "failed"
    client.act(failed_run, "retry", modifications={"number": 2})
    assert client.wait_for_end(failed_run)["generation"] == 3


def test_a_step_is_skipped_with_replacement_outputs(client: StackClient, agent: FakeAgent, failed_run: str) -> None:
    client.act(failed_run, "skip", replacementOutput={"note": "by hand"}, note="the agent is out of order")

    run = client.wait_for_end(failed_run)
    assert (run["status"], statuses(run)["b"]) == ("completed", "skipped")
    assert run["results"]["steps"]["c"]["context"] == {"b": "by hand"}
    assert calls(agent) == {"a": 1, "b": 1, "c": 1}


def test_a_step_is_not_skipped_if_its_definition_forbids_it(client: StackClient, agent: FakeAgent) -> None:
    agent.behave("b", refusal)
    client.publish(step("b"), error_handling={"on_step_failure": {"allowSkip": False}})
    run_id = client.launch()
    client.wait_for_end(run_id)

    with pytest.raises(ApiProblem, match="does not allow skipping b") as error_info:
        client.act(run_id, "skip")
    assert error_info.value.status == 409
    assert client.run(run_id)["status"] == "failed"


def test_a_retry_passes_gates_and_limits_again(client: StackClient, agent: FakeAgent) -> None:
    """c waits for a and b, d only for b, with one place. c fails; in generation 2, c and d pass gates again."""
    agent.behave("c", refusal)
    one_place = {"concurrency": {"maxParallel": 1}}
    client.publish(step("a"), step("b"), step("c", "a", "b"), step("d", "b"), step("e", "c", "d"), execution=one_place)
    run_id = client.launch()
    assert client.wait_for_end(run_id)["error"]["stepId"] == "c"
    wait_until(lambda: executions(client, run_id) == {"1": "FAILED"})
    agent.behave("c", answer)
    client.act(run_id, "retry")

    run = client.wait_for_end(run_id)
    assert (run["status"], set(statuses(run).values())) == ("completed", {"completed"})
    assert {step_id: len(agent.tasks(step_id)) for step_id in "abcde"} == {"a": 1, "b": 1, "c": 2, "d": 1, "e": 1}
    wait_until(lambda: executions(client, run_id) == {"1": "FAILED", "2": "SUCCEEDED"})


def test_a_retry_repeats_only_the_failed_items(client: StackClient, agent: FakeAgent) -> None:
    def not_the_west(task: Task) -> dict[str, Any]:
        return refusal(task) if task["payload"]["context"]["region"] == "west" else answer(task)

    agent.behave("each", not_the_west)
    item = {"context": {"region": "{{ region }}"}}
    client.publish(
        step("each", for_each="{{ parameters.regions }}", **{"as": "region"}, input=item),
        parameters=[{"name": "regions", "type": "string[]", "required": True}],
    )
    run_id = client.launch(parameters={"regions": ["north", "west", "south"]})
    client.wait_for_end(run_id)
    wait_until(lambda: executions(client, run_id) == {"1": "FAILED"})
    agent.behave("each", answer)
    client.act(run_id, "retry")

    run = client.wait_for_end(run_id)
    contexts = run["results"]["steps"]["each"]["context"]
    assert (run["status"], [context["region"] for context in contexts]) == ("completed", ["north", "west", "south"])
    called = [task["payload"]["context"]["region"] for task in agent.tasks("each")]
    assert called.count("west") == 2
    assert called.count("north") == 1


@pytest.fixture
def parent(client: StackClient) -> tuple[str, str]:
    """A run and its child, which waits for a person."""
    tracking = {"name": "kpi-tracking", "parameters": REVIEW}
    client.publish({"id": "kpis", "type": "orchestration", "orchestration": tracking})
    run_id = client.launch()
    wait_until(lambda: client.children(run_id))
    [child] = client.children(run_id)
    client.wait_for_approvals(child, "fetch-kpi-data")
    return run_id, child


def test_an_abort_ends_the_child_and_its_execution(client: StackClient, parent: tuple[str, str]) -> None:
    run_id, child = parent
    assert client.act(run_id, "abort", note="not needed any more")["status"] == "aborted"

    run = client.run(child)
    assert (run["status"], run["pendingApprovals"], run["rootRunId"]) == ("aborted", [], run_id)
    wait_until(lambda: executions(client, run_id) == executions(client, child) == {"1": "ABORTED"})
    assert client.act(run_id, "abort")["status"] == "aborted"  # asked again, the same answer


def test_an_abort_with_a_note_of_maximum_length_stops_the_execution(client: StackClient) -> None:
    """Step Functions limits the length of a cause; the simulated one does not. The API refuses a longer note."""
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    client.wait_for_approvals(run_id, "a")
    states = boto3.client("stepfunctions")
    longest = states.meta.service_model.operation_model("StopExecution").input_shape.members["cause"].metadata["max"]
    note = ("no " * MAX_TEXT_BYTES)[:MAX_TEXT_BYTES]
    client.act(run_id, "abort", note=note)
    wait_until(lambda: executions(client, run_id) == {"1": "ABORTED"})
    assert states.describe_execution(executionArn=execution_of(client, run_id))["cause"] == note
    assert len(note) <= longest
    assert client.events(run_id)[-1]["data"]["note"] == note


def test_a_child_run_is_recovered_only_through_its_root(client: StackClient, parent: tuple[str, str]) -> None:
    run_id, child = parent
    client.act(child, "abort")
    assert client.wait_for_end(run_id)["status"] == "failed"

    for action in ("retry", "skip"):
        with pytest.raises(ApiProblem) as error_info:
            client.act(child, action)
        assert error_info.value.status == 409
        assert run_id in error_info.value.problem["detail"]
    client.act(run_id, "retry")
    client.decide(client.wait_for_approvals(child, "fetch-kpi-data")["fetch-kpi-data"])
    assert client.wait_for_end(run_id)["status"] == "completed"
    assert client.children(run_id) == [child]


def test_a_task_of_an_agent_cancels_a_run(client: StackClient) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    client.wait_for_approvals(run_id, "a")
    result = client.call_agent(f"{client.name}-desk", "orchestrator_run_cancel", orchestrationRunId=run_id)
    assert (result["success"], result["payload"]["metadata"]["status"]) == (True, "aborted")
    wait_until(lambda: executions(client, run_id) == {"1": "ABORTED"})


def test_a_fork_reuses_the_results_before_its_step(
    stack: Stack, client: StackClient, agent: FakeAgent, failed_run: str
) -> None:
    path = f"/orchestrations/runs/{failed_run}/actions/fork"
    body = {"stepId": "b", "modifications": {"number": 2}, "note": "two it is"}
    token, headers = stack.token("operator"), {"Idempotency-Key": failed_run}

    first, again = (send(stack.url + path, token, body, headers=headers) for _ in range(2))

    forked, same = first.json(), again.json()
    assert (first.status, again.status) == (201, 200)
    assert first.headers["Location"] == f"/orchestrations/runs/{forked['id']}"
    assert forked["forkedFrom"] == {"runId": failed_run, "stepId": "b"}
    assert forked["id"] == same["id"] != failed_run
    run = client.wait_for_end(forked["id"])
    assert (run["status"], run["generation"]) == ("completed", 1)
    assert calls(agent) == {"a": 1, "b": 2, "c": 1}
    assert client.run(failed_run)["status"] == "failed"


def test_a_fork_can_use_another_version(
    stack: Stack, client: StackClient, agent: FakeAgent, capsys: pytest.CaptureFixture[str]
) -> None:
    client.publish(step("a"), step("b", "a"))
    run_id = client.launch()
    assert client.wait_for_end(run_id)["status"] == "completed"
    client.publish(step("a"), step("b", "a"), step("c", "b"), version="1.1.0")
    environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("viewer", "operator")}
    assert command.main(["fork", run_id, "--from", "b", "--version", "1.1.0", "--follow", "--json"], environ) == 0

    run = json.loads(capsys.readouterr().out)
    assert (run["definition"]["version"], statuses(run)) == ("1.1.0", dict.fromkeys("abc", "completed"))
    assert calls(agent) == {"a": 1, "b": 2, "c": 1}


@pytest.mark.parametrize(("action", "body"), [("retry", {}), ("skip", {}), ("abort", {}), ("fork", {"stepId": "b"})])
def test_only_an_operator_of_the_organisation_may_recover_a_run(
    stack: Stack, failed_run: str, action: str, body: Any
) -> None:
    url = f"{stack.url}/orchestrations/runs/{failed_run}/actions/{action}"

    assert send(url, stack.token("viewer"), body).status == 403
    assert send(url, stack.token("approver", "admin"), body).status == 403
    assert send(url, stack.token("operator", organization="elsewhere"), body).status == 404
    assert send(url, "not a token", body).status == 401


def test_an_unknown_step_is_refused_with_the_name_of_the_field(client: StackClient, failed_run: str) -> None:
    for action in ("retry", "skip", "fork"):
        with pytest.raises(ApiProblem) as error_info:
            client.act(failed_run, action, stepId="bb")
        assert error_info.value.status == 422
        assert error_info.value.problem["errors"][0]["field"] == "stepId"


def test_the_command_recovers_a_run(stack: Stack, failed_run: str, capsys: pytest.CaptureFixture[str]) -> None:
    def baton(*words: str) -> tuple[int, str]:
        environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("viewer", "operator"), "BATON_ORG": "demo"}
        code = command.main(words, environ)
        streams = capsys.readouterr()
        return code, streams.out + streams.err

    code, output = baton("status", failed_run)
    assert (code, f"baton retry {failed_run}" in output) == (1, True)
    code, output = baton("retry", failed_run, "--set", "number=2", "--follow")
    assert (code, "c\tcompleted" in output) == (0, True)
    assert baton("retry", failed_run) == (
        1,
        "The request contradicts the record: The run is completed, and only a failed run can be retried; fork it to"
        " start a new run from one of its steps.\n",
    )
    code, output = baton("fork", failed_run, "--from", "c", "--follow", "--json")
    assert (code, json.loads(output)["forkedFrom"]) == (0, {"runId": failed_run, "stepId": "c"})


def test_the_command_skips_and_aborts(stack: Stack, client: StackClient, agent: FakeAgent, failed_run: str) -> None:
    environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("viewer", "operator"), "BATON_ORG": "demo"}
    assert command.main(["skip", failed_run, "--output", "note=by hand", "--follow"], environ) == 0
    assert client.run(failed_run)["results"]["steps"]["b"]["note"] == "by hand"
    agent.hold("b")
    other = client.launch()
    agent.wait_for_calls("b", 2)
    assert command.main(["abort", other], environ) == 0
    assert client.run(other)["status"] == "aborted"
