"""The whole engine on the whole stack: definitions published in the test, compiled, launched and decided over HTTP."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.stack import Stack
from tests.integration.waiting import wait_until
from tests.integration.workshop import (
    Agent,
    Refused,
    Task,
    Workshop,
    answer,
    attempts,
    checkpoint,
    refusal,
    statuses,
    step,
)


@pytest.fixture
def agent() -> Iterator[Agent]:
    agent = Agent()
    yield agent
    agent.close()


@pytest.fixture
def workshop(stack: Stack, agent: Agent) -> Workshop:
    return Workshop(stack, agent)


ONE_PLACE: dict[str, Any] = {"execution": {"concurrency": {"maxParallel": 1}}}


def execution_of(workshop: Workshop, run_id: str) -> str:
    """The ARN of the run's last execution."""
    [(machine, generation)] = workshop.rows("select machine, generation from orchestration_runs where id = %s", run_id)
    return f"arn:aws:states:us-east-1:123456789012:execution:baton-{machine}:{run_id}-{generation}"


def execution_status(workshop: Workshop, run_id: str) -> str:
    """How the run's last execution stands, as Step Functions says."""
    described = boto3.client("stepfunctions").describe_execution(executionArn=execution_of(workshop, run_id))
    return str(described["status"])


def test_two_branches_wait_for_a_person_at_once(workshop: Workshop) -> None:
    workshop.publish(
        step("a"),
        step("b", "a", checkpoint_after=checkpoint()),
        step("c", "a", checkpoint_after=checkpoint()),
        step("d", "b", "c", input={"context": {"b": "{{ steps.b.note }}", "c": "{{ steps.c.note }}"}}),
    )
    run_id = workshop.launch()
    asked = workshop.asked(run_id, "b", "c")
    workshop.decide(asked["b"])
    run = workshop.run(run_id)
    assert (run["status"], statuses(run)["b"], statuses(run)["d"]) == ("checkpoint", "completed", "pending")
    workshop.decide(asked["c"])
    run = workshop.run_at_end(run_id)
    assert run["status"] == "completed"
    assert run["results"]["steps"]["d"]["context"] == {"b": "This is b.", "c": "This is c."}
    wait_until(lambda: execution_status(workshop, run_id) == "SUCCEEDED")


def test_a_person_sends_one_branch_back_while_the_other_waits(workshop: Workshop) -> None:
    workshop.publish(
        step("b", checkpoint_after=checkpoint(), input={"context": {"n": 1}}),
        step("c", checkpoint_after=checkpoint()),
    )
    run_id = workshop.launch()
    asked = workshop.asked(run_id, "b", "c")
    workshop.decide(asked["b"], "retry", modifications={"context": {"n": 2}})
    again = workshop.run_once(
        run_id,
        lambda run: len({approval["id"] for approval in run["pendingApprovals"]} | {asked["b"]}) == 3,
    )
    assert attempts(again) == {"b": 2, "c": 1}
    for approval in again["pendingApprovals"]:
        workshop.decide(approval["id"])
    run = workshop.run_at_end(run_id)
    assert (run["status"], run["results"]["steps"]["b"]["context"]) == ("completed", {"n": 2})


def test_aborting_at_one_checkpoint_ends_everything(workshop: Workshop, agent: Agent) -> None:
    agent.hold("slow")
    workshop.publish(
        step("b", checkpoint_after=checkpoint()), step("c", checkpoint_after=checkpoint()), step("slow"), step("d", "b")
    )
    run_id = workshop.launch()
    asked = workshop.asked(run_id, "b", "c")
    agent.is_called_for("slow")
    workshop.decide(asked["b"], "abort")
    run = workshop.run(run_id)
    assert run["status"] == "aborted"
    assert set(statuses(run).values()) == {"skipped"}
    assert run["pendingApprovals"] == []
    wait_until(lambda: execution_status(workshop, run_id) == "ABORTED")


def test_a_branch_that_fails_for_good_fails_the_run_and_its_execution(workshop: Workshop, agent: Agent) -> None:
    agent.behave("bad", refusal)
    released = agent.hold("gate-opener")
    workshop.publish(step("waits", checkpoint_after=checkpoint()), step("gate-opener"), step("bad", "gate-opener"))
    run_id = workshop.launch()
    workshop.asked(run_id, "waits")
    released.set()
    run = workshop.run_at_end(run_id)
    assert (run["status"], run["error"]["stepId"]) == ("failed", "bad")
    assert statuses(run)["waits"] == "checkpoint"  # its approval can still be decided, for the next generation
    wait_until(lambda: execution_status(workshop, run_id) == "FAILED")


def test_a_step_begins_as_soon_as_its_own_dependencies_are_done(workshop: Workshop, agent: Agent) -> None:
    """c waits for a and b, d for b alone: no nesting says that, so there is a gate."""
    a = agent.hold("a")
    workshop.publish(step("a"), step("b"), step("c", "a", "b"), step("d", "b"))
    run_id = workshop.launch()
    workshop.run_once(run_id, lambda run: statuses(run)["d"] == "completed")
    agent.is_called_for("a")
    assert agent.tasks("c") == []
    a.set()
    assert workshop.run_at_end(run_id)["status"] == "completed"
    assert len(agent.tasks("c")) == 1
    [(gates,)] = workshop.rows("select count(*) from baton.gate_tokens where run_id = %s", run_id)
    assert gates > 0
    wait_until(lambda: execution_status(workshop, run_id) == "SUCCEEDED")


def test_a_gate_opens_when_the_last_dependency_is_approved(workshop: Workshop, agent: Agent) -> None:
    workshop.publish(
        step("a", checkpoint_after=checkpoint()), step("b"), step("c", "a", "b"), step("d", "b"), step("e", "c", "d")
    )
    run_id = workshop.launch()
    asked = workshop.asked(run_id, "a")
    workshop.run_once(run_id, lambda run: statuses(run)["d"] == "completed")
    assert agent.tasks("c") == []
    workshop.decide(asked["a"])
    assert workshop.run_at_end(run_id)["status"] == "completed"


def test_one_place_is_given_to_one_step_at_a_time(workshop: Workshop, agent: Agent) -> None:
    """Whose gate is there first gets it; the other waits."""
    held = {name: agent.hold(name) for name in ("one", "other")}
    workshop.publish(step("one"), step("other"), **ONE_PLACE)
    run_id = workshop.launch()
    wait_until(lambda: agent.tasks("one") or agent.tasks("other"))
    [working] = [name for name in held if agent.tasks(name)]
    [waiting] = held.keys() - {working}
    workshop.waits_at_gate(run_id, waiting)
    assert agent.tasks(waiting) == []
    held[working].set()
    agent.is_called_for(waiting)
    held[waiting].set()
    assert workshop.run_at_end(run_id)["status"] == "completed"


def test_the_longest_way_gets_the_next_place(workshop: Workshop, agent: Agent) -> None:
    """All three are ready before the place is free: `holds` has it, since a person let it go before the others."""
    workshop.publish(
        step("opens-holds", checkpoint_after=checkpoint()),
        step("holds", "opens-holds"),
        step("opens-others", checkpoint_after=checkpoint()),
        step("short", "opens-others"),
        step("long", "opens-others"),
        step("longer", "long"),
        **ONE_PLACE,
    )
    holds, long = agent.hold("holds"), agent.hold("long")
    run_id = workshop.launch()
    asked = workshop.asked(run_id, "opens-holds", "opens-others")
    workshop.decide(asked["opens-holds"])
    agent.is_called_for("holds")
    workshop.decide(asked["opens-others"])
    workshop.waits_at_gate(run_id, "short")
    workshop.waits_at_gate(run_id, "long")
    holds.set()
    agent.is_called_for("long")
    assert agent.tasks("short") == []
    long.set()
    assert workshop.run_at_end(run_id)["status"] == "completed"


def test_a_checkpoint_holds_no_place(workshop: Workshop, agent: Agent) -> None:
    workshop.publish(
        step("asks", checkpoint_after=checkpoint()),
        step("other"),
        step("then", "asks"),
        **ONE_PLACE,
    )
    run_id = workshop.launch()
    asked = workshop.asked(run_id, "asks")
    workshop.run_once(run_id, lambda run: statuses(run)["other"] == "completed")
    workshop.decide(asked["asks"])
    assert workshop.run_at_end(run_id)["status"] == "completed"


def test_a_step_that_is_sent_back_waits_for_a_place_again(workshop: Workshop, agent: Agent) -> None:
    workshop.publish(
        step("asks", checkpoint_after=checkpoint()),
        step("opens-other", checkpoint_after=checkpoint()),
        step("other", "opens-other"),
        **ONE_PLACE,
    )
    other = agent.hold("other")
    run_id = workshop.launch()
    asked = workshop.asked(run_id, "asks", "opens-other")
    workshop.decide(asked["opens-other"])
    agent.is_called_for("other")
    workshop.decide(asked["asks"], "retry")
    workshop.waits_at_gate(run_id, "asks")
    assert len(agent.tasks("asks")) == 1
    other.set()
    workshop.decide(workshop.asked(run_id, "asks")["asks"])
    run = workshop.run_at_end(run_id)
    assert (run["status"], attempts(run)["asks"]) == ("completed", 2)


def test_every_item_is_worked_on_and_all_answers_are_gathered_in_order(workshop: Workshop, agent: Agent) -> None:
    at_once = Peak()
    agent.behave("each", at_once)
    workshop.publish(
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
    run_id = workshop.launch(parameters={"names": names})
    workshop.decide(workshop.asked(run_id, "each")["each"])
    run = workshop.run_at_end(run_id)
    assert run["status"] == "completed"
    assert run["results"]["steps"]["each"]["context"] == [{"name": name} for name in names]
    assert run["results"]["steps"]["after"]["context"] == {"all": [{"name": name} for name in names]}
    assert (len(agent.tasks("each")), at_once.most) == (5, 2)


class Peak:
    """An agent's behaviour that counts how many of its calls overlap; the first waits until there is a second."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now = 0
        self.most = 0

    def __call__(self, task: Task) -> dict[str, Any]:
        with self._changed:
            self._now += 1
            self.most = max(self.most, self._now)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.most > 1, timeout=10)
        try:
            return answer(task)
        finally:
            with self._changed:
                self._now -= 1


def test_a_list_without_items_is_done_at_once(workshop: Workshop, agent: Agent) -> None:
    workshop.publish(
        step("each", for_each="{{ names }}"),
        parameters=[{"name": "names", "type": "string[]", "default": []}],
    )
    run = workshop.run_at_end(workshop.launch())
    assert (run["status"], run["results"]["steps"]["each"]["note"]) == ("completed", [])
    assert agent.tasks("each") == []


def test_an_item_that_fails_fails_the_step(workshop: Workshop, agent: Agent) -> None:
    agent.behave("each", lambda task: refusal(task) if task["payload"]["context"]["n"] == 2 else answer(task))
    workshop.publish(
        step("each", for_each=[1, 2, 3], input={"context": {"n": "{{ item }}"}}),
    )
    run = workshop.run_at_end(workshop.launch())
    assert (run["status"], run["error"]["stepId"]) == ("failed", "each")
    [each] = run["steps"]
    assert [(item["index"], item["attemptNumber"]) for item in each["items"]] == [(0, 1), (1, 1), (2, 1)]
    assert each["items"][1]["status"] == "failed"
    assert "does not want to" in each["items"][1]["error"]["message"]


def test_a_step_whose_condition_does_not_hold_is_skipped_with_its_checkpoint(workshop: Workshop, agent: Agent) -> None:
    workshop.publish(
        step("a"),
        step("maybe", "a", when="{{ wanted }} == true", checkpoint_after=checkpoint()),
        step("after", "maybe", input={"context": {"given": "{{ steps.maybe.note }}"}}),
        parameters=[{"name": "wanted", "type": "boolean", "required": True}],
    )
    run = workshop.run_at_end(workshop.launch(parameters={"wanted": False}))
    assert (run["status"], statuses(run)["maybe"]) == ("completed", "skipped")
    assert run["results"]["steps"]["after"]["context"] == {"given": None}
    assert agent.tasks("maybe") == []

    wanted = workshop.launch(parameters={"wanted": True})
    workshop.decide(workshop.asked(wanted, "maybe")["maybe"])
    run = workshop.run_at_end(wanted)
    assert run["results"]["steps"]["after"]["context"] == {"given": "This is maybe."}


def test_a_step_may_fail_without_its_run(workshop: Workshop, agent: Agent) -> None:
    agent.behave("optional", refusal)
    workshop.publish(
        step("optional", continue_on_failure=True, checkpoint_after=checkpoint()),
        step("other"),
        step("after", "optional", "other", input={"context": {"given": "{{ steps.optional.note }}"}}),
    )
    run_id = workshop.launch()
    run = workshop.run_at_end(run_id)
    assert (run["status"], statuses(run)["optional"]) == ("completed", "failed")
    assert run["results"]["steps"]["after"]["context"] == {"given": None}
    wait_until(lambda: execution_status(workshop, run_id) == "SUCCEEDED")


REVIEW = {
    "kpi_names": ["revenue"],
    "start_date": "2024-07-01",
    "end_date": "2024-09-30",
    "grouping": "month",
}


def child_of(workshop: Workshop, run_id: str) -> str:
    wait_until(lambda: workshop.children(run_id))
    [child] = workshop.children(run_id)
    return child


def test_a_review_of_the_quarter_waits_for_its_child_run(workshop: Workshop) -> None:
    run_id = workshop.launch("finance-quarterly-review", parameters=REVIEW)
    child = child_of(workshop, run_id)
    asked = workshop.asked(child, "fetch-kpi-data")
    assert workshop.asked(run_id, "fetch-kpi-data") == asked
    parent = workshop.run(run_id)
    assert (statuses(parent)["run-kpi-tracking"], parent["steps"][0]["childRunId"]) == ("running", child)
    assert parent["pendingApprovals"][0]["runId"] == child
    workshop.decide(asked["fetch-kpi-data"], "retry", modifications={"grouping": "week"})
    workshop.decide(workshop.asked(child, "fetch-kpi-data")["fetch-kpi-data"])
    run = workshop.run_at_end(run_id)
    assert (run["status"], workshop.run(child)["status"]) == ("completed", "completed")
    assert run["results"]["steps"]["run-kpi-tracking"]["orchestrationRunId"] == child
    assert run["results"]["steps"]["run-kpi-tracking"]["parameters"]["grouping"] == "week"
    assert run["results"]["steps"]["prepare-executive-brief"]["brief"]
    wait_until(lambda: execution_status(workshop, run_id) == "SUCCEEDED")
    assert execution_status(workshop, child) == "SUCCEEDED"


def test_a_child_run_that_is_aborted_fails_its_parent(workshop: Workshop) -> None:
    run_id = workshop.launch("finance-quarterly-review", parameters=REVIEW)
    child = child_of(workshop, run_id)
    workshop.decide(workshop.asked(child, "fetch-kpi-data")["fetch-kpi-data"], "abort")
    run = workshop.run_at_end(run_id)
    assert (run["status"], run["error"]["stepId"]) == ("failed", "run-kpi-tracking")
    assert "aborted" in run["error"]["message"]
    wait_until(lambda: execution_status(workshop, child) == "ABORTED")
    wait_until(lambda: execution_status(workshop, run_id) == "FAILED")


def child_step(step_id: str, *depends_on: str, **more: Any) -> dict[str, Any]:
    child = {"name": "kpi-tracking", "parameters": REVIEW}
    return {"id": step_id, "type": "orchestration", "depends_on": list(depends_on), "orchestration": child, **more}


def test_a_parent_goes_on_without_its_child_where_the_definition_says_so(workshop: Workshop) -> None:
    workshop.publish(
        child_step("kpis", on_child_failure="continue"),
        step("after", "kpis", input={"context": {"status": "{{ steps.kpis.status }}"}}),
    )
    run_id = workshop.launch()
    child = child_of(workshop, run_id)
    workshop.decide(workshop.asked(child, "fetch-kpi-data")["fetch-kpi-data"], "abort")
    run = workshop.run_at_end(run_id)
    assert (run["status"], run["results"]["steps"]["after"]["context"]) == ("completed", {"status": "aborted"})


def test_a_checkpoint_stands_behind_a_child_run(workshop: Workshop) -> None:
    """Sent back, the step has another child run."""
    workshop.publish(child_step("kpis", checkpoint_after=checkpoint()))
    run_id = workshop.launch()
    first = child_of(workshop, run_id)
    workshop.decide(workshop.asked(first, "fetch-kpi-data")["fetch-kpi-data"])
    workshop.decide(workshop.asked(run_id, "kpis")["kpis"], "retry")
    wait_until(lambda: len(workshop.children(run_id)) == 2)
    second = workshop.children(run_id)[1]
    workshop.decide(workshop.asked(second, "fetch-kpi-data")["fetch-kpi-data"])
    workshop.decide(workshop.asked(run_id, "kpis")["kpis"])
    run = workshop.run_at_end(run_id)
    assert (run["status"], run["results"]["steps"]["kpis"]["orchestrationRunId"]) == ("completed", second)


@pytest.mark.parametrize(
    ("on_timeout", "run_status", "step_status", "execution"),
    [
        ("continue", "completed", "completed", "SUCCEEDED"),
        ("abort", "aborted", "skipped", "ABORTED"),
        ("fail", "failed", "failed", "FAILED"),
    ],
)
def test_a_checkpoint_that_nobody_decides_ends_as_the_definition_says(
    workshop: Workshop, on_timeout: str, run_status: str, step_status: str, execution: str
) -> None:
    workshop.publish(step("a", checkpoint_after=checkpoint(timeout_seconds=1, on_timeout=on_timeout)))
    run_id = workshop.launch()
    run = workshop.run_at_end(run_id)
    assert (run["status"], statuses(run)["a"]) == (run_status, step_status)
    [resolved] = [event["data"] for event in workshop.events(run_id) if event["type"].endswith(".resolved")]
    assert (resolved["status"], resolved["decision"]) == ("expired", on_timeout)
    wait_until(lambda: execution_status(workshop, run_id) == execution)


def test_a_run_goes_on_without_a_step_that_nobody_decided_on_in_time(workshop: Workshop) -> None:
    forgotten = checkpoint(timeout_seconds=1, on_timeout="fail")
    workshop.publish(
        step("a", continue_on_failure=True, checkpoint_after=forgotten),
        step("b", "a", input={"context": {"given": "{{ steps.a.note }}"}}),
    )
    run_id = workshop.launch()
    run = workshop.run_at_end(run_id)
    assert (run["status"], statuses(run)) == ("completed", {"a": "failed", "b": "completed"})
    assert run["results"]["steps"]["b"]["context"] == {"given": None}
    wait_until(lambda: execution_status(workshop, run_id) == "SUCCEEDED")


def test_a_checkpoint_that_is_decided_in_time_does_not_expire(workshop: Workshop) -> None:
    workshop.publish(step("a", checkpoint_after=checkpoint(timeout_seconds=3600, on_timeout="fail")))
    run_id = workshop.launch()
    workshop.decide(workshop.asked(run_id, "a")["a"])
    assert workshop.run_at_end(run_id)["status"] == "completed"


def test_what_comes_from_the_cache_is_looked_at_too(workshop: Workshop, agent: Agent) -> None:
    workshop.publish(
        step("a", checkpoint_after=checkpoint()),
        execution={"caching": {"ttlSeconds": 600}},
    )
    first = workshop.launch()
    workshop.decide(workshop.asked(first, "a")["a"])
    assert workshop.run_at_end(first)["status"] == "completed"

    second = workshop.launch()
    asked = workshop.asked(second, "a")
    assert len(agent.tasks("a")) == 1
    workshop.decide(asked["a"], "retry")  # who sends it back does not want the same again
    agent.is_called_for("a", 2)
    workshop.decide(workshop.asked(second, "a")["a"])
    run = workshop.run_at_end(second)
    assert (run["status"], run["results"]["steps"]["a"]["note"]) == ("completed", "This is a.")


def test_optional_checkpoints_are_left_out_for_who_says_so(workshop: Workshop) -> None:
    workshop.publish(
        step("a", checkpoint_after=checkpoint(required=False)), step("b", "a", checkpoint_after=checkpoint())
    )
    run_id = workshop.launch(skipOptionalCheckpoints=True)
    workshop.decide(workshop.asked(run_id, "b")["b"])
    assert workshop.run_at_end(run_id)["status"] == "completed"

    careful = workshop.launch()
    workshop.decide(workshop.asked(careful, "a")["a"])
    workshop.decide(workshop.asked(careful, "b")["b"])
    assert workshop.run_at_end(careful)["status"] == "completed"


def test_many_steps_side_by_side_wait_for_as_many_people(workshop: Workshop) -> None:
    names = [f"s{number}" for number in range(20)]
    workshop.publish(*(step(name, checkpoint_after=checkpoint()) for name in names))
    run_id = workshop.launch()
    for approval_id in workshop.asked(run_id, *names).values():
        workshop.decide(approval_id)
    assert workshop.run_at_end(run_id)["status"] == "completed"


def stop_in_the_console(workshop: Workshop, run_id: str) -> None:
    boto3.client("stepfunctions").stop_execution(executionArn=execution_of(workshop, run_id), error="Console")


def test_a_run_whose_execution_is_stopped_in_the_console_is_aborted(workshop: Workshop) -> None:
    workshop.publish(step("a", checkpoint_after=checkpoint()))
    run_id = workshop.launch()
    asked = workshop.asked(run_id, "a")
    stop_in_the_console(workshop, run_id)
    run = workshop.run_at_end(run_id)
    assert (run["status"], run["pendingApprovals"]) == ("aborted", [])
    [told] = [event["data"] for event in workshop.events(run_id) if event["type"] == "orchestration.run.aborted"]
    assert told["reason"] == "its execution was stopped: Console"
    with pytest.raises(Refused) as refused:
        workshop.decide(asked["a"])
    assert refused.value.status == 409


def test_a_run_that_is_stopped_in_the_console_takes_its_child_along(workshop: Workshop) -> None:
    workshop.publish(child_step("kpis"))
    run_id = workshop.launch()
    child = child_of(workshop, run_id)
    workshop.asked(child, "fetch-kpi-data")
    stop_in_the_console(workshop, run_id)
    assert workshop.run_at_end(run_id)["status"] == "aborted"
    assert workshop.run_at_end(child)["status"] == "aborted"
    wait_until(lambda: execution_status(workshop, child) == "ABORTED")


def test_a_run_that_takes_longer_than_its_definition_allows_fails(workshop: Workshop) -> None:
    workshop.publish(step("a", checkpoint_after=checkpoint()), execution={"timeout_seconds": 2})
    run = workshop.run_at_end(workshop.launch())
    assert (run["status"], run["error"]["type"]) == ("failed", "States.Timeout")


def test_a_run_goes_on_after_its_bundled_machine_was_changed(workshop: Workshop) -> None:
    """A deployment while it waited: its next execution finds the new machine, and gets one of its own plan instead."""
    states = boto3.client("stepfunctions")
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:baton-kpi-tracking"
    deployed = states.describe_state_machine(stateMachineArn=machine)["definition"]
    [digest] = set(re.findall(r'"digest": "(\w+)"', deployed))
    states.update_state_machine(stateMachineArn=machine, definition=deployed.replace(digest, digest[::-1]))
    try:
        run_id = workshop.launch("kpi-tracking", parameters=REVIEW)
        workshop.decide(workshop.asked(run_id, "fetch-kpi-data")["fetch-kpi-data"])
        run = workshop.run_at_end(run_id)
    finally:
        states.update_state_machine(stateMachineArn=machine, definition=deployed)
    assert (run["status"], run["generation"]) == ("completed", 2)
    [(moved,)] = workshop.rows("select machine from orchestration_runs where id = %s", run_id)
    assert moved.startswith("x-")
