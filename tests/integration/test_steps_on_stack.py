"""Lists, conditions, failures and the cache of steps on the whole stack."""

from __future__ import annotations

from tests.integration.executions import execution_status
from tests.integration.fake_agent import FakeAgent, OverlapCounter, answer, refusal
from tests.integration.stack_client import StackClient, checkpoint, statuses, step
from tests.integration.waiting import wait_until


def test_every_item_runs_and_all_outputs_are_collected_in_order(client: StackClient, agent: FakeAgent) -> None:
    counter = OverlapCounter(wanted=2)
    agent.behave("each", counter)
    client.publish(
        step(
            "each",
            for_each="{{ names }}",
            **{"as": "name"},
            max_parallel=2,
            input={"context": {"name": "{{ name }}"}},
            checkpoint_after=checkpoint(),
        ),
        step("after", "each", input={"context": {"all": "{{ steps.each.context }}"}}),
        parameters=[{"name": "names", "type": "string[]", "required": True}],
    )
    names = ["ann", "bo", "cy", "di", "ed"]
    run_id = client.launch(parameters={"names": names})
    client.decide(client.wait_for_approvals(run_id, "each")["each"])
    run = client.wait_for_end(run_id)
    assert run["status"] == "completed"
    assert run["results"]["steps"]["each"]["context"] == [{"name": name} for name in names]
    assert run["results"]["steps"]["after"]["context"] == {"all": [{"name": name} for name in names]}
    assert (len(agent.tasks("each")), counter.most) == (5, 2)


def test_a_step_with_an_empty_list_completes_immediately(client: StackClient, agent: FakeAgent) -> None:
    client.publish(
        step("each", for_each="{{ names }}"),
        parameters=[{"name": "names", "type": "string[]", "default": []}],
    )
    run = client.wait_for_end(client.launch())
    assert (run["status"], run["results"]["steps"]["each"]["note"]) == ("completed", [])
    assert agent.tasks("each") == []


def test_an_item_that_fails_fails_the_step(client: StackClient, agent: FakeAgent) -> None:
    agent.behave("each", lambda task: refusal(task) if task["payload"]["context"]["n"] == 2 else answer(task))
    client.publish(
        step("each", for_each=[1, 2, 3], input={"context": {"n": "{{ item }}"}}),
    )
    run = client.wait_for_end(client.launch())
    assert (run["status"], run["error"]["stepId"]) == ("failed", "each")
    [each] = run["steps"]
    assert [(item["index"], item["attemptNumber"]) for item in each["items"]] == [(0, 1), (1, 1), (2, 1)]
    assert each["items"][1]["status"] == "failed"
    assert "does not want to" in each["items"][1]["error"]["message"]


def test_a_step_whose_condition_is_false_is_skipped_with_its_checkpoint(client: StackClient, agent: FakeAgent) -> None:
    client.publish(
        step("a"),
        step("maybe", "a", when="{{ wanted }} == true", checkpoint_after=checkpoint()),
        step("after", "maybe", input={"context": {"given": "{{ steps.maybe.note }}"}}),
        parameters=[{"name": "wanted", "type": "boolean", "required": True}],
    )
    run = client.wait_for_end(client.launch(parameters={"wanted": False}))
    assert (run["status"], statuses(run)["maybe"]) == ("completed", "skipped")
    assert run["results"]["steps"]["after"]["context"] == {"given": None}
    assert agent.tasks("maybe") == []

    run_id = client.launch(parameters={"wanted": True})
    client.decide(client.wait_for_approvals(run_id, "maybe")["maybe"])
    run = client.wait_for_end(run_id)
    assert run["results"]["steps"]["after"]["context"] == {"given": "This is maybe."}


def test_a_run_goes_on_after_a_failed_step_with_continue_on_failure(client: StackClient, agent: FakeAgent) -> None:
    agent.behave("optional", refusal)
    client.publish(
        step("optional", continue_on_failure=True, checkpoint_after=checkpoint()),
        step("other"),
        step("after", "optional", "other", input={"context": {"given": "{{ steps.optional.note }}"}}),
    )
    run_id = client.launch()
    run = client.wait_for_end(run_id)
    assert (run["status"], statuses(run)["optional"]) == ("completed", "failed")
    assert run["results"]["steps"]["after"]["context"] == {"given": None}
    wait_until(lambda: execution_status(client, run_id) == "SUCCEEDED")


def test_a_result_from_the_cache_has_a_checkpoint(client: StackClient, agent: FakeAgent) -> None:
    client.publish(
        step("a", checkpoint_after=checkpoint()),
        execution={"caching": {"ttlSeconds": 600}},
    )
    first = client.launch()
    client.decide(client.wait_for_approvals(first, "a")["a"])
    assert client.wait_for_end(first)["status"] == "completed"

    second = client.launch()
    approvals = client.wait_for_approvals(second, "a")
    assert len(agent.tasks("a")) == 1
    client.decide(approvals["a"], "retry")  # who sends it back does not want the same again
    agent.wait_for_calls("a", 2)
    client.decide(client.wait_for_approvals(second, "a")["a"])
    run = client.wait_for_end(second)
    assert (run["status"], run["results"]["steps"]["a"]["note"]) == ("completed", "This is a.")
