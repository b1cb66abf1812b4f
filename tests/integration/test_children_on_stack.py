"""Runs that run others, on the whole stack."""

from __future__ import annotations

from tests.integration.child_runs import REVIEW, child_of, child_step
from tests.integration.executions import execution_status
from tests.integration.waiting import wait_until
from tests.integration.workshop import (
    Workshop,
    checkpoint,
    statuses,
    step,
)


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
