"""The mission's own calls and files on the whole stack."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli import main as command
from local.stack import Stack
from tests.integration.child_runs import child_of
from tests.integration.fake_agent import FakeAgent
from tests.integration.stack_client import ApiProblem, StackClient, step

FILES = Path(__file__).parent / "mission"
FETCH, SUMMARIZE = "fetch-kpi-data", "summarize-results"
PARAMETERS = {
    "kpi_names": ["revenue", "expenses", "profit_margin"],
    "start_date": "2024-07-01",
    "end_date": "2024-09-30",
    "grouping": "month",
}
LAUNCH = {"orchestration": {"name": "kpi-tracking", "version": "1.0.0"}, "promptParameters": PARAMETERS}


def build(client: StackClient, **headers: str) -> Any:
    """The mission's launch, by a task for an agent of `global`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.call_agent("finance-manager", "build", path="global", headers=named, **LAUNCH)["payload"]


def respond(client: StackClient, approval_id: str, decision: str, **more: Any) -> Any:
    """The mission's decision, by a task for the same agent."""
    return client.call_agent(
        "finance-manager",
        "orchestrator_run_human_response",
        path="global",
        approvalId=approval_id,
        decision=decision,
        **more,
    )["payload"]


@pytest.fixture
def acme_client(stack: Stack, agent: FakeAgent) -> StackClient:
    """A client whose user is a member of only one, new organisation."""
    return StackClient(stack, agent.url, organization=f"acme-{uuid.uuid4().hex[:8]}")


def join(stack: Stack, client: StackClient, organization: str) -> None:
    """Make the client's user a member of another organisation, too."""
    with psycopg.connect(stack.database_url) as connection:
        connection.execute(
            "insert into organization_members (organization_id, user_id, roles)"
            " select o.id, m.user_id, m.roles from organizations o, organization_members m"
            " join organizations own on own.id = m.organization_id where o.slug = %s and own.slug = %s",
            (organization, client.organization),
        )


def test_a_launch_and_a_review_through_global(client: StackClient) -> None:
    launch_result = build(client)
    content, metadata = launch_result["content"], launch_result["metadata"]
    run_id = content["orchestrationRunId"]
    assert (content["status"], content["readySteps"]) == ("pending", [FETCH])
    assert [(one["id"], one["type"], one["agent"], one["mode"]) for one in content["steps"]] == [
        (FETCH, "agent", "supabase-agent", "BUILD"),
        (SUMMARIZE, "agent", "summarizer", "BUILD"),
    ]
    assert (metadata["ownerAgentSlug"], metadata["organization"]) == ("finance-manager", "demo")
    assert metadata["streamUrl"] == f"/orchestrations/runs/{run_id}/status/stream"

    [approval] = client.wait_for_run(run_id, lambda run: run["pendingApprovals"])["pendingApprovals"]
    assert approval["question"] == "Review KPI query results before summarizing?"
    assert [option["action"] for option in approval["options"]] == ["continue", "retry", "abort"]
    decision_result = respond(client, approval["id"], "continue", notes="looks right")
    assert (decision_result["content"]["decision"], decision_result["metadata"]["orchestrationRunId"]) == (
        "continue",
        run_id,
    )
    run = client.wait_for_end(run_id)
    assert (run["status"], run["organization"]) == ("completed", "demo")
    kinds = [(one["type"], one["format"]) for one in run["deliverables"]]
    assert kinds[:3] == [("analysis", "json"), ("summary", "markdown"), ("facts", "json")]
    assert set(kinds[3:]) == {("chart", "svg")}


def test_modifications_take_precedence_over_the_note_and_the_next_approval_says_so(client: StackClient) -> None:
    run_id = build(client)["content"]["orchestrationRunId"]
    changes = {"grouping": "week", "context": {"kpiNames": ["arr", "churn"]}}
    first = client.wait_for_approvals(run_id, FETCH)[FETCH]
    respond(client, first, "retry", notes="Filter to ARR only", modifications=changes)
    [approval] = client.wait_for_run(
        run_id, lambda run: [one for one in run["pendingApprovals"] if one["attemptNumber"] == 2]
    )["pendingApprovals"]

    assert list(approval).index("review") < list(approval).index("data")
    review = approval["review"]
    assert (review["notes"], review["modifications"], review["applied"]) == ("Filter to ARR only", changes, [])
    [refused] = review["notApplied"]
    assert (refused["field"], refused["asked"], refused["used"]) == ("kpiNames", ["arr"], ["arr", "churn"])
    rows = approval["data"]["outputs"]["query_results"]
    assert all(f'"kpi":"{kpi}"' in rows.replace(" ", "") for kpi in ("arr", "churn"))
    respond(client, approval["id"], "continue")
    steps = client.wait_for_end(run_id)["results"]["steps"]
    assert (steps[FETCH]["grouping"], steps[FETCH]["kpi_names"]) == ("week", ["arr", "churn"])
    assert "ARR" in steps[SUMMARIZE]["summary"].upper()
    assert "churn" in steps[SUMMARIZE]["summary"].lower()


def test_a_note_alone_changes_the_fetched_data(client: StackClient) -> None:
    run_id = build(client)["content"]["orchestrationRunId"]
    respond(client, client.wait_for_approvals(run_id, FETCH)[FETCH], "retry", notes="Filter to revenue only, by week")
    run = client.wait_for_run(run_id, lambda run: run["steps"][0]["attemptNumber"] == 2 and run["pendingApprovals"])
    [approval] = run["pendingApprovals"]
    outputs = approval["data"]["outputs"]
    assert (outputs["kpi_names"], outputs["grouping"]) == (["revenue"], "week")
    assert (len(approval["review"]["applied"]), approval["review"]["notApplied"]) == (2, [])
    respond(client, approval["id"], "abort")


def test_the_quarterly_review_is_published_and_completes(
    stack: Stack, client: StackClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATON_URL", stack.url)
    monkeypatch.setenv("BATON_TOKEN", client.token)
    monkeypatch.setenv("BATON_ORG", "demo")
    files = [str(FILES / "quarterly-desk.yaml"), str(FILES / "quarterly.yaml")]
    assert command.main(["validate", files[1]]) == 0
    assert command.main(["publish", *files]) == 0
    capsys.readouterr()

    run_id = client.launch("quarterly", parameters=PARAMETERS)
    child = child_of(client, run_id)
    client.decide(client.wait_for_approvals(child, FETCH)[FETCH])
    run = client.wait_for_end(run_id)
    assert run["status"] == "completed"
    tracking, brief = run["steps"]
    assert (tracking["type"], tracking["agent"], tracking["mode"]) == ("orchestration", "finance-manager", "BUILD")
    assert (brief["type"], brief["agent"], brief["mode"]) == ("agent", "summarizer", "BUILD")
    summary = client.run(child)["results"]["steps"][SUMMARIZE]["summary"]
    [page] = client.rows("select content from deliverables where run_id = %s", run_id)[0]
    assert "revenue" in page.lower()
    assert "Child status: completed" in page
    assert summary.split("**")[1] in page  # the headline of the child's summary


def test_global_always_runs_the_deployments_own_definition(acme_client: StackClient) -> None:
    acme_client.name = "kpi-tracking"
    acme_client.publish(step("own"))

    own = acme_client.launch("kpi-tracking")
    assert [one["id"] for one in acme_client.run(own)["steps"]] == ["own"]
    shared = build(acme_client)
    assert [one["id"] for one in shared["content"]["steps"]] == [FETCH, SUMMARIZE]
    assert shared["metadata"]["organization"] == acme_client.organization
    assert acme_client.run(shared["content"]["orchestrationRunId"])["organization"] == acme_client.organization


def test_a_shared_run_starts_the_shared_child(acme_client: StackClient) -> None:
    acme_client.name = "kpi-tracking"
    acme_client.publish(step("own"))
    task = {"orchestration": {"name": "finance-quarterly-review"}, "promptParameters": PARAMETERS}

    launch_result = acme_client.call_agent("finance-manager", "build", path="global", **task)["payload"]["content"]
    child = child_of(acme_client, launch_result["orchestrationRunId"])
    assert [one["id"] for one in acme_client.run(child)["steps"]] == [FETCH, SUMMARIZE]


def test_a_step_with_an_owner_runs_the_owners_definition(acme_client: StackClient) -> None:
    acme_client.name = "kpi-tracking"
    acme_client.publish(step("own"))
    acme_client.name = f"w-{uuid.uuid4().hex[:8]}"
    child = {"name": "kpi-tracking", "parameters": PARAMETERS}
    acme_client.publish({"id": "shared", "agent": "finance-manager", "orchestration": child})
    run_id = acme_client.launch()
    assert [one["id"] for one in acme_client.run(child_of(acme_client, run_id))["steps"]] == [FETCH, SUMMARIZE]

    with pytest.raises(ApiProblem) as error_info:
        acme_client.publish({"id": "own", "agent": "kpi-tracking-desk", "orchestration": child}, version="1.0.1")
    assert "`kpi_names` is not a parameter of `kpi-tracking`" in str(error_info.value.problem)


def test_a_member_of_several_organisations_must_name_one(stack: Stack, acme_client: StackClient) -> None:
    join(stack, acme_client, "demo")
    with pytest.raises(ApiProblem) as error_info:
        build(acme_client)
    assert error_info.value.status == 422
    assert "demo" in error_info.value.problem["errors"][0]["message"]

    launch_result = build(acme_client, Baton_Organization="demo")
    run_id = launch_result["content"]["orchestrationRunId"]
    assert launch_result["metadata"]["organization"] == acme_client.run(run_id)["organization"] == "demo"
    decision_result = respond(
        acme_client, acme_client.wait_for_approvals(run_id, FETCH)[FETCH], "abort"
    )  # the approval knows whose it is
    assert decision_result["content"]["runStatus"] == "aborted"


def test_a_user_without_an_organisation_is_refused(stack: Stack, acme_client: StackClient) -> None:
    with psycopg.connect(stack.database_url) as connection:
        connection.execute(
            "delete from organization_members m using organizations o where o.id = m.organization_id and o.slug = %s",
            (acme_client.organization,),
        )
    with pytest.raises(ApiProblem) as error_info:
        build(acme_client)
    assert (error_info.value.status, error_info.value.problem["type"]) == (
        403,
        "urn:problem-type:baton:no-organization",
    )


def test_a_service_token_acts_in_its_organisation(acme_client: StackClient) -> None:
    acme_client.token = acme_client.issue_service_token("operator")
    launch_result = build(acme_client)
    assert launch_result["metadata"]["organization"] == acme_client.organization


def test_an_agent_launches_the_definition_that_it_owns(acme_client: StackClient) -> None:
    acme_client.name = "kpi-tracking"
    acme_client.publish(step("own"))
    shared = acme_client.call_agent("finance-manager", "build", **LAUNCH)
    own = acme_client.call_agent("kpi-tracking-desk", "build", orchestration={"name": "kpi-tracking"})
    steps = [[one["id"] for one in launch_result["payload"]["content"]["steps"]] for launch_result in (shared, own)]
    assert steps == [[FETCH, SUMMARIZE], ["own"]]
