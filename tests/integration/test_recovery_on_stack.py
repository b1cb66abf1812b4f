"""What an operator does with a run that went wrong, over HTTP and by the command, on the whole stack."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest

from baton.api.requests import LONGEST_NOTE
from cli import main as command
from local.stack import Stack
from tests.integration.executions import execution_of
from tests.integration.waiting import wait_until
from tests.integration.workshop import Agent, Refused, Run, Task, Workshop, answer, checkpoint, refusal, statuses, step

REVIEW = {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30", "grouping": "month"}


def only_with_two(task: Task) -> dict[str, Any]:
    """Does its work only if it is asked for two."""
    return answer(task) if task["payload"]["context"]["n"] == 2 else refusal(task)


@pytest.fixture
def failed(workshop: Workshop, agent: Agent) -> str:
    """A run in which `a` is done, `b` has failed for good, and `c` needs both."""
    agent.behave("b", only_with_two)
    workshop.publish(
        step("a"),
        step("b", "a", input={"context": {"n": "{{ number }}", "unit": "EUR"}}),
        step("c", "b", input={"context": {"b": "{{ steps.b.note }}"}}),
        parameters=[{"name": "number", "type": "integer", "default": 1}],
    )
    run_id = workshop.launch()
    assert workshop.run_at_end(run_id)["error"]["stepId"] == "b"
    return run_id


def calls(agent: Agent) -> dict[str, int]:
    return {step_id: len(agent.tasks(step_id)) for step_id in ("a", "b", "c")}


def executions(workshop: Workshop, run_id: str) -> dict[str, str]:
    """Generation → status of every execution of a run, as Step Functions says."""
    [(generation,)] = workshop.rows("select generation from orchestration_runs where id = %s", run_id)
    states = boto3.client("stepfunctions")
    found = {str(number): execution_of(workshop, run_id, number) for number in range(1, generation + 1)}
    return {number: states.describe_execution(executionArn=arn)["status"] for number, arn in found.items()}


def test_a_failed_step_is_retried_with_changes_and_what_is_done_is_not_done_again(
    workshop: Workshop, agent: Agent, failed: str
) -> None:
    outcome = workshop.act(failed, "retry", modifications={"context": {"n": 2}}, note="two it is")
    assert (outcome["stepId"], outcome["generation"], outcome["status"]) == ("b", 2, "running")

    run = workshop.run_at_end(failed)
    assert (run["status"], run["generation"]) == ("completed", 2)
    assert calls(agent) == {"a": 1, "b": 2, "c": 1}
    assert run["results"]["steps"]["b"]["context"] == {"n": 2, "unit": "EUR"}
    assert run["parameterOverrides"] == {}
    wait_until(lambda: executions(workshop, failed) == {"1": "FAILED", "2": "SUCCEEDED"})


def test_a_retry_with_another_parameter_overrides_it_from_there_on(workshop: Workshop, failed: str) -> None:
    workshop.act(failed, "retry", modifications={"number": 2})

    run = workshop.run_at_end(failed)
    assert (run["status"], run["parameters"], run["parameterOverrides"]) == ("completed", {"number": 1}, {"number": 2})


def test_a_retry_that_fails_again_can_be_retried_again(workshop: Workshop, agent: Agent, failed: str) -> None:
    workshop.act(failed, "retry")
    wait_until(lambda: len(agent.tasks("b")) == 2)
    assert workshop.run_at_end(failed)["status"] == "failed"
    workshop.act(failed, "retry", modifications={"number": 2})
    assert workshop.run_at_end(failed)["generation"] == 3


def test_a_step_is_skipped_with_outputs_given_instead(workshop: Workshop, agent: Agent, failed: str) -> None:
    workshop.act(failed, "skip", replacementOutput={"note": "by hand"}, note="the agent is out of order")

    run = workshop.run_at_end(failed)
    assert (run["status"], statuses(run)["b"]) == ("completed", "skipped")
    assert run["results"]["steps"]["c"]["context"] == {"b": "by hand"}
    assert calls(agent) == {"a": 1, "b": 1, "c": 1}


def test_a_step_that_its_definition_does_not_let_go_is_not_skipped(workshop: Workshop, agent: Agent) -> None:
    agent.behave("b", refusal)
    workshop.publish(step("b"), error_handling={"on_step_failure": {"allowSkip": False}})
    run_id = workshop.launch()
    workshop.run_at_end(run_id)

    with pytest.raises(Refused, match="does not allow to skip b") as refused:
        workshop.act(run_id, "skip")
    assert refused.value.status == 409
    assert workshop.run(run_id)["status"] == "failed"


def test_a_retry_passes_gates_and_places_anew(workshop: Workshop, agent: Agent) -> None:
    """c waits for a and b, d for b alone, with one place: c and d fail, and go on behind the gates of generation 2."""
    agent.behave("c", refusal)
    one_place = {"concurrency": {"maxParallel": 1}}
    workshop.publish(
        step("a"), step("b"), step("c", "a", "b"), step("d", "b"), step("e", "c", "d"), execution=one_place
    )
    run_id = workshop.launch()
    assert workshop.run_at_end(run_id)["error"]["stepId"] == "c"
    wait_until(lambda: executions(workshop, run_id) == {"1": "FAILED"})
    agent.behave("c", answer)
    workshop.act(run_id, "retry")

    run = workshop.run_at_end(run_id)
    assert (run["status"], set(statuses(run).values())) == ("completed", {"completed"})
    assert {step_id: len(agent.tasks(step_id)) for step_id in "abcde"} == {"a": 1, "b": 1, "c": 2, "d": 1, "e": 1}
    wait_until(lambda: executions(workshop, run_id) == {"1": "FAILED", "2": "SUCCEEDED"})


def test_a_retry_works_on_the_items_that_failed_alone(workshop: Workshop, agent: Agent) -> None:
    def not_the_west(task: Task) -> dict[str, Any]:
        return refusal(task) if task["payload"]["context"]["region"] == "west" else answer(task)

    agent.behave("each", not_the_west)
    item = {"context": {"region": "{{ region }}"}}
    workshop.publish(
        step("each", for_each="{{ parameters.regions }}", **{"as": "region"}, input=item),
        parameters=[{"name": "regions", "type": "string[]", "required": True}],
    )
    run_id = workshop.launch(parameters={"regions": ["north", "west", "south"]})
    workshop.run_at_end(run_id)
    wait_until(lambda: executions(workshop, run_id) == {"1": "FAILED"})
    agent.behave("each", answer)
    workshop.act(run_id, "retry")

    run = workshop.run_at_end(run_id)
    contexts = run["results"]["steps"]["each"]["context"]
    assert (run["status"], [context["region"] for context in contexts]) == ("completed", ["north", "west", "south"])
    called = [task["payload"]["context"]["region"] for task in agent.tasks("each")]
    assert called.count("west") == 2
    assert called.count("north") == 1


@pytest.fixture
def parent(workshop: Workshop) -> tuple[str, str]:
    """A run and its child, which waits for a person."""
    tracking = {"name": "kpi-tracking", "parameters": REVIEW}
    workshop.publish({"id": "kpis", "type": "orchestration", "orchestration": tracking})
    run_id = workshop.launch()
    wait_until(lambda: workshop.children(run_id))
    [child] = workshop.children(run_id)
    workshop.asked(child, "fetch-kpi-data")
    return run_id, child


def test_an_abort_ends_the_child_and_its_execution_too(workshop: Workshop, parent: tuple[str, str]) -> None:
    run_id, child = parent
    assert workshop.act(run_id, "abort", note="not needed any more")["status"] == "aborted"

    run = workshop.run(child)
    assert (run["status"], run["pendingApprovals"], run["rootRunId"]) == ("aborted", [], run_id)
    wait_until(lambda: executions(workshop, run_id) == executions(workshop, child) == {"1": "ABORTED"})
    assert workshop.act(run_id, "abort")["status"] == "aborted"  # asked again, the same answer


def test_an_abort_stops_the_execution_however_much_is_said_about_it(workshop: Workshop) -> None:
    """Step Functions takes so much and no more; the simulated one takes anything. A longer note is refused."""
    workshop.publish(step("a", checkpoint_after=checkpoint()))
    run_id = workshop.launch()
    workshop.asked(run_id, "a")
    states = boto3.client("stepfunctions")
    longest = states.meta.service_model.operation_model("StopExecution").input_shape.members["cause"].metadata["max"]
    note = ("no " * LONGEST_NOTE)[:LONGEST_NOTE]
    workshop.act(run_id, "abort", note=note)
    wait_until(lambda: executions(workshop, run_id) == {"1": "ABORTED"})
    assert states.describe_execution(executionArn=execution_of(workshop, run_id))["cause"] == note
    assert len(note) <= longest
    assert workshop.events(run_id)[-1]["data"]["note"] == note


def test_a_child_is_recovered_by_its_root_alone(workshop: Workshop, parent: tuple[str, str]) -> None:
    run_id, child = parent
    workshop.act(child, "abort")
    assert workshop.run_at_end(run_id)["status"] == "failed"

    for action in ("retry", "skip"):
        with pytest.raises(Refused) as refused:
            workshop.act(child, action)
        assert refused.value.status == 409
        assert run_id in refused.value.problem["detail"]
    workshop.act(run_id, "retry")
    workshop.decide(workshop.asked(child, "fetch-kpi-data")["fetch-kpi-data"])
    assert workshop.run_at_end(run_id)["status"] == "completed"
    assert workshop.children(run_id) == [child]


def test_a_run_is_cancelled_in_the_dialect_of_agents(workshop: Workshop) -> None:
    workshop.publish(step("a", checkpoint_after=checkpoint()))
    run_id = workshop.launch()
    workshop.asked(run_id, "a")
    answered = workshop.ask(f"{workshop.name}-desk", "orchestrator_run_cancel", orchestrationRunId=run_id)
    assert (answered["success"], answered["payload"]["metadata"]["status"]) == (True, "aborted")
    wait_until(lambda: executions(workshop, run_id) == {"1": "ABORTED"})


def post(stack: Stack, token: str, path: str, body: Any, **headers: str) -> tuple[int, dict[str, str], Run]:
    request = urllib.request.Request(stack.url + path, json.dumps(body).encode(), method="POST")
    for name, value in {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}.items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request) as answered:
            return answered.status, dict(answered.headers), json.load(answered)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.load(error)


def test_a_fork_reuses_what_comes_before_its_step(stack: Stack, workshop: Workshop, agent: Agent, failed: str) -> None:
    path = f"/orchestrations/runs/{failed}/actions/fork"
    body = {"stepId": "b", "modifications": {"number": 2}, "note": "two it is"}
    asked = [post(stack, stack.token("operator"), path, body, **{"Idempotency-Key": failed}) for _ in range(2)]

    [(status, headers, forked), (again, _, same)] = asked
    assert (status, again) == (201, 200)
    assert headers["Location"] == f"/orchestrations/runs/{forked['id']}"
    assert forked["forkedFrom"] == {"runId": failed, "stepId": "b"}
    assert forked["id"] == same["id"] != failed
    run = workshop.run_at_end(forked["id"])
    assert (run["status"], run["generation"]) == ("completed", 1)
    assert calls(agent) == {"a": 1, "b": 2, "c": 1}
    assert workshop.run(failed)["status"] == "failed"


def test_a_fork_can_go_on_by_another_version(
    stack: Stack, workshop: Workshop, agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.publish(step("a"), step("b", "a"))
    run_id = workshop.launch()
    assert workshop.run_at_end(run_id)["status"] == "completed"
    workshop.publish(step("a"), step("b", "a"), step("c", "b"), version="1.1.0")
    environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("viewer", "operator")}
    assert command.main(["fork", run_id, "--from", "b", "--version", "1.1.0", "--follow", "--json"], environ) == 0

    run = json.loads(capsys.readouterr().out)
    assert (run["definition"]["version"], statuses(run)) == ("1.1.0", dict.fromkeys("abc", "completed"))
    assert calls(agent) == {"a": 1, "b": 2, "c": 1}


@pytest.mark.parametrize(("action", "body"), [("retry", {}), ("skip", {}), ("abort", {}), ("fork", {"stepId": "b"})])
def test_who_may_not_recover_a_run_does_not(stack: Stack, failed: str, action: str, body: Any) -> None:
    path = f"/orchestrations/runs/{failed}/actions/{action}"

    assert post(stack, stack.token("viewer"), path, body)[0] == 403
    assert post(stack, stack.token("approver", "admin"), path, body)[0] == 403
    assert post(stack, stack.token("operator", organization="elsewhere"), path, body)[0] == 404
    assert post(stack, "not a token", path, body)[0] == 401


def test_a_step_that_is_not_there_is_refused_by_field(workshop: Workshop, failed: str) -> None:
    for action in ("retry", "skip", "fork"):
        with pytest.raises(Refused) as refused:
            workshop.act(failed, action, stepId="bb")
        assert refused.value.status == 422
        assert refused.value.problem["errors"][0]["field"] == "stepId"


def test_the_command_recovers_a_run(stack: Stack, failed: str, capsys: pytest.CaptureFixture[str]) -> None:
    def baton(*words: str) -> tuple[int, str]:
        environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("viewer", "operator"), "BATON_ORG": "demo"}
        code = command.main(words, environ)
        said = capsys.readouterr()
        return code, said.out + said.err

    code, said = baton("status", failed)
    assert (code, f"baton retry {failed}" in said) == (1, True)
    code, said = baton("retry", failed, "--set", "number=2", "--follow")
    assert (code, "c\tcompleted" in said) == (0, True)
    assert baton("retry", failed) == (
        1,
        "The request contradicts the record: The run is completed, and only a failed run can be retried; fork it to"
        " start a new run from one of its steps.\n",
    )
    code, said = baton("fork", failed, "--from", "c", "--follow", "--json")
    assert (code, json.loads(said)["forkedFrom"]) == (0, {"runId": failed, "stepId": "c"})


def test_the_command_skips_and_aborts(stack: Stack, workshop: Workshop, failed: str) -> None:
    environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("viewer", "operator"), "BATON_ORG": "demo"}
    assert command.main(["skip", failed, "--output", "note=by hand", "--follow"], environ) == 0
    assert workshop.run(failed)["results"]["steps"]["b"]["note"] == "by hand"
    workshop.agent.hold("b")
    other = workshop.launch()
    workshop.agent.is_called_for("b", 2)
    assert command.main(["abort", other], environ) == 0
    assert workshop.run(other)["status"] == "aborted"
