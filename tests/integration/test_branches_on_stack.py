"""Branches, gates and `maxParallel` on the whole stack: each test publishes, launches and decides over HTTP."""

from __future__ import annotations

from typing import Any

from tests.integration.executions import execution_status
from tests.integration.fake_agent import FakeAgent, refusal
from tests.integration.stack_client import StackClient, attempts, checkpoint, statuses, step
from tests.integration.waiting import wait_until

ONE_PLACE: dict[str, Any] = {"execution": {"concurrency": {"maxParallel": 1}}}


def test_two_branches_wait_for_a_person_at_once(client: StackClient) -> None:
    client.publish(
        step("a"),
        step("b", "a", checkpoint_after=checkpoint()),
        step("c", "a", checkpoint_after=checkpoint()),
        step("d", "b", "c", input={"context": {"b": "{{ steps.b.note }}", "c": "{{ steps.c.note }}"}}),
    )
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "b", "c")
    client.decide(approvals["b"])
    run = client.run(run_id)
    assert (run["status"], statuses(run)["b"], statuses(run)["d"]) == ("checkpoint", "completed", "pending")
    client.decide(approvals["c"])
    run = client.wait_for_end(run_id)
    assert run["status"] == "completed"
    assert run["results"]["steps"]["d"]["context"] == {"b": "This is b.", "c": "This is c."}
    wait_until(lambda: execution_status(client, run_id) == "SUCCEEDED")


def test_a_person_retries_one_branch_while_the_other_waits(client: StackClient) -> None:
    client.publish(
        step("b", checkpoint_after=checkpoint(), input={"context": {"n": 1}}),
        step("c", checkpoint_after=checkpoint()),
    )
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "b", "c")
    client.decide(approvals["b"], "retry", modifications={"context": {"n": 2}})
    again = client.wait_for_run(
        run_id,
        lambda run: len({approval["id"] for approval in run["pendingApprovals"]} | {approvals["b"]}) == 3,
    )
    assert attempts(again) == {"b": 2, "c": 1}
    for approval in again["pendingApprovals"]:
        client.decide(approval["id"])
    run = client.wait_for_end(run_id)
    assert (run["status"], run["results"]["steps"]["b"]["context"]) == ("completed", {"n": 2})


def test_an_abort_at_one_checkpoint_ends_the_whole_run(client: StackClient, agent: FakeAgent) -> None:
    agent.hold("slow")
    client.publish(
        step("b", checkpoint_after=checkpoint()), step("c", checkpoint_after=checkpoint()), step("slow"), step("d", "b")
    )
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "b", "c")
    agent.wait_for_calls("slow")
    client.decide(approvals["b"], "abort")
    run = client.run(run_id)
    assert run["status"] == "aborted"
    assert set(statuses(run).values()) == {"skipped"}
    assert run["pendingApprovals"] == []
    wait_until(lambda: execution_status(client, run_id) == "ABORTED")


def test_a_failed_branch_fails_the_run_and_its_execution(client: StackClient, agent: FakeAgent) -> None:
    agent.behave("bad", refusal)
    released = agent.hold("gate-opener")
    client.publish(step("waits", checkpoint_after=checkpoint()), step("gate-opener"), step("bad", "gate-opener"))
    run_id = client.launch()
    client.wait_for_approvals(run_id, "waits")
    released.set()
    run = client.wait_for_end(run_id)
    assert (run["status"], run["error"]["stepId"]) == ("failed", "bad")
    assert statuses(run)["waits"] == "checkpoint"  # its approval can still be decided, for the next generation
    wait_until(lambda: execution_status(client, run_id) == "FAILED")


def test_a_step_begins_as_soon_as_its_own_dependencies_are_done(client: StackClient, agent: FakeAgent) -> None:
    """c waits for a and b, d only for b. Nested branches cannot express that, so there is a gate."""
    a = agent.hold("a")
    client.publish(step("a"), step("b"), step("c", "a", "b"), step("d", "b"))
    run_id = client.launch()
    client.wait_for_run(run_id, lambda run: statuses(run)["d"] == "completed")
    agent.wait_for_calls("a")
    assert agent.tasks("c") == []
    a.set()
    assert client.wait_for_end(run_id)["status"] == "completed"
    assert len(agent.tasks("c")) == 1
    [(gates,)] = client.rows("select count(*) from baton.gate_tokens where run_id = %s", run_id)
    assert gates > 0
    wait_until(lambda: execution_status(client, run_id) == "SUCCEEDED")


def test_a_gate_opens_when_the_last_dependency_is_approved(client: StackClient, agent: FakeAgent) -> None:
    client.publish(
        step("a", checkpoint_after=checkpoint()), step("b"), step("c", "a", "b"), step("d", "b"), step("e", "c", "d")
    )
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "a")
    client.wait_for_run(run_id, lambda run: statuses(run)["d"] == "completed")
    assert agent.tasks("c") == []
    client.decide(approvals["a"])
    assert client.wait_for_end(run_id)["status"] == "completed"


def test_with_max_parallel_one_steps_run_one_after_the_other(client: StackClient, agent: FakeAgent) -> None:
    """The step whose gate opens first gets the place. The other waits."""
    held = {name: agent.hold(name) for name in ("one", "other")}
    client.publish(step("one"), step("other"), **ONE_PLACE)
    run_id = client.launch()
    wait_until(lambda: agent.tasks("one") or agent.tasks("other"))
    [working] = [name for name in held if agent.tasks(name)]
    [waiting] = held.keys() - {working}
    client.wait_for_gate(run_id, waiting)
    assert agent.tasks(waiting) == []
    held[working].set()
    agent.wait_for_calls(waiting)
    held[waiting].set()
    assert client.wait_for_end(run_id)["status"] == "completed"


def test_the_step_with_the_longest_remaining_path_gets_the_next_place(client: StackClient, agent: FakeAgent) -> None:
    """`holds` has the only place while `short` and `long` become ready."""
    client.publish(
        step("opens-holds", checkpoint_after=checkpoint()),
        step("holds", "opens-holds"),
        step("opens-others", checkpoint_after=checkpoint()),
        step("short", "opens-others"),
        step("long", "opens-others"),
        step("longer", "long"),
        **ONE_PLACE,
    )
    holds, long = agent.hold("holds"), agent.hold("long")
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "opens-holds", "opens-others")
    client.decide(approvals["opens-holds"])
    agent.wait_for_calls("holds")
    client.decide(approvals["opens-others"])
    client.wait_for_gate(run_id, "short")
    client.wait_for_gate(run_id, "long")
    holds.set()
    agent.wait_for_calls("long")
    assert agent.tasks("short") == []
    long.set()
    assert client.wait_for_end(run_id)["status"] == "completed"


def test_a_step_at_a_checkpoint_occupies_no_place(client: StackClient, agent: FakeAgent) -> None:
    client.publish(
        step("asks", checkpoint_after=checkpoint()),
        step("other"),
        step("then", "asks"),
        **ONE_PLACE,
    )
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "asks")
    client.wait_for_run(run_id, lambda run: statuses(run)["other"] == "completed")
    client.decide(approvals["asks"])
    assert client.wait_for_end(run_id)["status"] == "completed"


def test_a_step_that_is_retried_at_its_checkpoint_waits_for_a_place_again(
    client: StackClient, agent: FakeAgent
) -> None:
    client.publish(
        step("asks", checkpoint_after=checkpoint()),
        step("opens-other", checkpoint_after=checkpoint()),
        step("other", "opens-other"),
        **ONE_PLACE,
    )
    other = agent.hold("other")
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "asks", "opens-other")
    client.decide(approvals["opens-other"])
    agent.wait_for_calls("other")
    client.decide(approvals["asks"], "retry")
    client.wait_for_gate(run_id, "asks")
    assert len(agent.tasks("asks")) == 1
    other.set()
    client.decide(client.wait_for_approvals(run_id, "asks")["asks"])
    run = client.wait_for_end(run_id)
    assert (run["status"], attempts(run)["asks"]) == ("completed", 2)
