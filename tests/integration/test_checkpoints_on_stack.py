"""Checkpoints on the whole stack: expired ones, optional ones, and many at the same time."""

from __future__ import annotations

import pytest

from tests.integration.executions import execution_status
from tests.integration.stack_client import StackClient, checkpoint, statuses, step
from tests.integration.waiting import wait_until


@pytest.mark.parametrize(
    ("on_timeout", "run_status", "step_status", "execution"),
    [
        ("continue", "completed", "completed", "SUCCEEDED"),
        ("abort", "aborted", "skipped", "ABORTED"),
        ("fail", "failed", "failed", "FAILED"),
    ],
)
def test_an_expired_checkpoint_ends_as_the_definition_says(
    client: StackClient, on_timeout: str, run_status: str, step_status: str, execution: str
) -> None:
    client.publish(step("a", checkpoint_after=checkpoint(timeout_seconds=1, on_timeout=on_timeout)))
    run_id = client.launch()
    run = client.wait_for_end(run_id, sweep="relay")
    assert (run["status"], statuses(run)["a"]) == (run_status, step_status)
    [resolved] = [event["data"] for event in client.events(run_id) if event["type"].endswith(".resolved")]
    assert (resolved["status"], resolved["decision"]) == ("expired", on_timeout)
    wait_until(lambda: execution_status(client, run_id) == execution)


def test_a_run_goes_on_without_a_step_whose_checkpoint_expired(client: StackClient) -> None:
    forgotten = checkpoint(timeout_seconds=1, on_timeout="fail")
    client.publish(
        step("a", continue_on_failure=True, checkpoint_after=forgotten),
        step("b", "a", input={"context": {"given": "{{ steps.a.note }}"}}),
    )
    run_id = client.launch()
    run = client.wait_for_end(run_id, sweep="relay")
    assert (run["status"], statuses(run)) == ("completed", {"a": "failed", "b": "completed"})
    assert run["results"]["steps"]["b"]["context"] == {"given": None}
    wait_until(lambda: execution_status(client, run_id) == "SUCCEEDED")


def test_a_checkpoint_that_is_decided_in_time_does_not_expire(client: StackClient) -> None:
    client.publish(step("a", checkpoint_after=checkpoint(timeout_seconds=3600, on_timeout="fail")))
    run_id = client.launch()
    client.decide(client.wait_for_approvals(run_id, "a")["a"])
    assert client.wait_for_end(run_id)["status"] == "completed"


def test_a_launch_can_leave_out_optional_checkpoints(client: StackClient) -> None:
    client.publish(
        step("a", checkpoint_after=checkpoint(required=False)), step("b", "a", checkpoint_after=checkpoint())
    )
    run_id = client.launch(skipOptionalCheckpoints=True)
    client.decide(client.wait_for_approvals(run_id, "b")["b"])
    assert client.wait_for_end(run_id)["status"] == "completed"

    careful = client.launch()
    client.decide(client.wait_for_approvals(careful, "a")["a"])
    client.decide(client.wait_for_approvals(careful, "b")["b"])
    assert client.wait_for_end(careful)["status"] == "completed"


def test_many_parallel_steps_wait_for_decisions_at_the_same_time(client: StackClient) -> None:
    names = [f"s{number}" for number in range(20)]
    client.publish(*(step(name, checkpoint_after=checkpoint()) for name in names))
    run_id = client.launch()
    for approval_id in client.wait_for_approvals(run_id, *names).values():
        client.decide(approval_id)
    assert client.wait_for_end(run_id)["status"] == "completed"
