"""Child runs on the whole stack."""

from __future__ import annotations

from tests.integration.child_runs import REVIEW, child_of, child_step
from tests.integration.executions import execution_status
from tests.integration.stack_client import StackClient, checkpoint, statuses, step
from tests.integration.waiting import wait_until


def test_a_review_of_the_quarter_waits_for_its_child_run(client: StackClient) -> None:
    run_id = client.launch("finance-quarterly-review", parameters=REVIEW)
    child = child_of(client, run_id)
    approvals = client.wait_for_approvals(child, "fetch-kpi-data")
    assert client.wait_for_approvals(run_id, "fetch-kpi-data") == approvals
    parent = client.run(run_id)
    assert (statuses(parent)["run-kpi-tracking"], parent["steps"][0]["childRunId"]) == ("running", child)
    assert parent["pendingApprovals"][0]["runId"] == child
    client.decide(approvals["fetch-kpi-data"], "retry", modifications={"grouping": "week"})
    client.decide(client.wait_for_approvals(child, "fetch-kpi-data")["fetch-kpi-data"])
    run = client.wait_for_end(run_id)
    assert (run["status"], client.run(child)["status"]) == ("completed", "completed")
    assert run["results"]["steps"]["run-kpi-tracking"]["orchestrationRunId"] == child
    assert run["results"]["steps"]["run-kpi-tracking"]["parameters"]["grouping"] == "week"
    assert run["results"]["steps"]["prepare-executive-brief"]["brief"]
    wait_until(lambda: execution_status(client, run_id) == "SUCCEEDED")
    assert execution_status(client, child) == "SUCCEEDED"


def test_a_child_run_that_is_aborted_fails_its_parent(client: StackClient) -> None:
    run_id = client.launch("finance-quarterly-review", parameters=REVIEW)
    child = child_of(client, run_id)
    client.decide(client.wait_for_approvals(child, "fetch-kpi-data")["fetch-kpi-data"], "abort")
    run = client.wait_for_end(run_id)
    assert (run["status"], run["error"]["stepId"]) == ("failed", "run-kpi-tracking")
    assert "aborted" in run["error"]["message"]
    wait_until(lambda: execution_status(client, child) == "ABORTED")
    wait_until(lambda: execution_status(client, run_id) == "FAILED")


def test_a_parent_goes_on_after_a_failed_child_if_the_definition_says_so(client: StackClient) -> None:
    client.publish(
        child_step("kpis", on_child_failure="continue"),
        step("after", "kpis", input={"context": {"status": "{{ steps.kpis.status }}"}}),
    )
    run_id = client.launch()
    child = child_of(client, run_id)
    client.decide(client.wait_for_approvals(child, "fetch-kpi-data")["fetch-kpi-data"], "abort")
    run = client.wait_for_end(run_id)
    assert (run["status"], run["results"]["steps"]["after"]["context"]) == ("completed", {"status": "aborted"})


def test_a_step_with_a_child_run_may_have_a_checkpoint(client: StackClient) -> None:
    """A retry at the checkpoint starts another child run."""
    client.publish(child_step("kpis", checkpoint_after=checkpoint()))
    run_id = client.launch()
    first = child_of(client, run_id)
    client.decide(client.wait_for_approvals(first, "fetch-kpi-data")["fetch-kpi-data"])
    client.decide(client.wait_for_approvals(run_id, "kpis")["kpis"], "retry")
    wait_until(lambda: len(client.children(run_id)) == 2)
    second = client.children(run_id)[1]
    client.decide(client.wait_for_approvals(second, "fetch-kpi-data")["fetch-kpi-data"])
    client.decide(client.wait_for_approvals(run_id, "kpis")["kpis"])
    run = client.wait_for_end(run_id)
    assert (run["status"], run["results"]["steps"]["kpis"]["orchestrationRunId"]) == ("completed", second)
