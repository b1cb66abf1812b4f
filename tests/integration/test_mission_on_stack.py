"""The mission's own calls and files, as it writes them, on the whole stack."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli import main as command
from local.stack import Stack
from tests.integration.child_runs import child_of
from tests.integration.workshop import Agent, Refused, Workshop, step

FILES = Path(__file__).parent / "mission"
FETCH, SUMMARIZE = "fetch-kpi-data", "summarize-results"
ASKED = {
    "kpi_names": ["revenue", "expenses", "profit_margin"],
    "start_date": "2024-07-01",
    "end_date": "2024-09-30",
    "grouping": "month",
}
LAUNCH = {"orchestration": {"name": "kpi-tracking", "version": "1.0.0"}, "promptParameters": ASKED}


def build(workshop: Workshop, **headers: str) -> Any:
    """The mission's launch: an agent of `global` is asked."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return workshop.ask("finance-manager", "build", path="global", headers=named, **LAUNCH)["payload"]


def respond(workshop: Workshop, approval_id: str, decision: str, **more: Any) -> Any:
    """The mission's decision, through `global` as well."""
    return workshop.ask(
        "finance-manager",
        "orchestrator_run_human_response",
        path="global",
        approvalId=approval_id,
        decision=decision,
        **more,
    )["payload"]


@pytest.fixture
def elsewhere(stack: Stack, agent: Agent) -> Workshop:
    """Somebody of another organisation, who belongs to that alone."""
    return Workshop(stack, agent, organization=f"acme-{uuid.uuid4().hex[:8]}")


def join(stack: Stack, workshop: Workshop, organization: str) -> None:
    """Make whoever is at work in ``workshop`` a member of another organisation, too."""
    with psycopg.connect(stack.database_url) as connection:
        connection.execute(
            "insert into organization_members (organization_id, user_id, roles)"
            " select o.id, m.user_id, m.roles from organizations o, organization_members m"
            " join organizations own on own.id = m.organization_id where o.slug = %s and own.slug = %s",
            (organization, workshop.organization),
        )


def test_a_launch_and_a_review_through_global(workshop: Workshop) -> None:
    launched = build(workshop)
    content, metadata = launched["content"], launched["metadata"]
    run_id = content["orchestrationRunId"]
    assert (content["status"], content["readySteps"]) == ("pending", [FETCH])
    assert [(one["id"], one["type"], one["agent"], one["mode"]) for one in content["steps"]] == [
        (FETCH, "agent", "supabase-agent", "BUILD"),
        (SUMMARIZE, "agent", "summarizer", "BUILD"),
    ]
    assert (metadata["ownerAgentSlug"], metadata["organization"]) == ("finance-manager", "demo")
    assert metadata["streamUrl"] == f"/orchestrations/runs/{run_id}/status/stream"

    [approval] = workshop.run_once(run_id, lambda run: run["pendingApprovals"])["pendingApprovals"]
    assert approval["question"] == "Review KPI query results before summarizing?"
    assert [option["action"] for option in approval["options"]] == ["continue", "retry", "abort"]
    taken = respond(workshop, approval["id"], "continue", notes="looks right")
    assert (taken["content"]["decision"], taken["metadata"]["orchestrationRunId"]) == ("continue", run_id)
    run = workshop.run_at_end(run_id)
    assert (run["status"], run["organization"]) == ("completed", "demo")
    assert [(one["type"], one["format"]) for one in run["deliverables"]] == [
        ("analysis", "json"),
        ("summary", "markdown"),
    ]


def test_modifications_win_over_the_note_and_the_next_approval_says_so(workshop: Workshop) -> None:
    run_id = build(workshop)["content"]["orchestrationRunId"]
    changes = {"grouping": "week", "context": {"kpiNames": ["arr", "churn"]}}
    first = workshop.asked(run_id, FETCH)[FETCH]
    respond(workshop, first, "retry", notes="Filter to ARR only", modifications=changes)
    [approval] = workshop.run_once(
        run_id, lambda run: [one for one in run["pendingApprovals"] if one["attemptNumber"] == 2]
    )["pendingApprovals"]

    assert list(approval).index("review") < list(approval).index("data")
    review = approval["review"]
    assert (review["notes"], review["modifications"], review["applied"]) == ("Filter to ARR only", changes, [])
    [refused] = review["notApplied"]
    assert (refused["field"], refused["asked"], refused["used"]) == ("kpiNames", ["arr"], ["arr", "churn"])
    rows = approval["data"]["outputs"]["query_results"]
    assert all(f'"kpi":"{kpi}"' in rows.replace(" ", "") for kpi in ("arr", "churn"))
    respond(workshop, approval["id"], "continue")
    steps = workshop.run_at_end(run_id)["results"]["steps"]
    assert (steps[FETCH]["grouping"], steps[FETCH]["kpi_names"]) == ("week", ["arr", "churn"])
    assert "ARR" in steps[SUMMARIZE]["summary"].upper()
    assert "churn" in steps[SUMMARIZE]["summary"].lower()


def test_a_note_alone_changes_what_is_fetched(workshop: Workshop) -> None:
    run_id = build(workshop)["content"]["orchestrationRunId"]
    respond(workshop, workshop.asked(run_id, FETCH)[FETCH], "retry", notes="Filter to revenue only, by week")
    run = workshop.run_once(run_id, lambda run: run["steps"][0]["attemptNumber"] == 2 and run["pendingApprovals"])
    [approval] = run["pendingApprovals"]
    outputs = approval["data"]["outputs"]
    assert (outputs["kpi_names"], outputs["grouping"]) == (["revenue"], "week")
    assert (len(approval["review"]["applied"]), approval["review"]["notApplied"]) == (2, [])
    respond(workshop, approval["id"], "abort")


def test_the_quarterly_review_is_published_and_completes(
    stack: Stack, workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATON_URL", stack.url)
    monkeypatch.setenv("BATON_TOKEN", workshop.token)
    monkeypatch.setenv("BATON_ORG", "demo")
    files = [str(FILES / "quarterly-desk.yaml"), str(FILES / "quarterly.yaml")]
    assert command.main(["validate", files[1]]) == 0
    assert command.main(["publish", *files]) == 0
    capsys.readouterr()

    run_id = workshop.launch("quarterly", parameters=ASKED)
    child = child_of(workshop, run_id)
    workshop.decide(workshop.asked(child, FETCH)[FETCH])
    run = workshop.run_at_end(run_id)
    assert run["status"] == "completed"
    tracking, brief = run["steps"]
    assert (tracking["type"], tracking["agent"], tracking["mode"]) == ("orchestration", "finance-manager", "BUILD")
    assert (brief["type"], brief["agent"], brief["mode"]) == ("agent", "summarizer", "BUILD")
    summary = workshop.run(child)["results"]["steps"][SUMMARIZE]["summary"]
    [page] = workshop.rows("select content from deliverables where run_id = %s", run_id)[0]
    assert "revenue" in page.lower()
    assert "Child status: completed" in page
    assert summary.split("**")[1] in page  # the headline of the child's summary


def test_in_global_nobody_stands_in_for_what_the_deployment_ships(elsewhere: Workshop) -> None:
    elsewhere.name = "kpi-tracking"
    elsewhere.publish(step("own"))

    own = elsewhere.launch("kpi-tracking")
    assert [one["id"] for one in elsewhere.run(own)["steps"]] == ["own"]
    shared = build(elsewhere)
    assert [one["id"] for one in shared["content"]["steps"]] == [FETCH, SUMMARIZE]
    assert shared["metadata"]["organization"] == elsewhere.organization
    assert elsewhere.run(shared["content"]["orchestrationRunId"])["organization"] == elsewhere.organization


def test_a_child_of_a_shared_run_is_a_shared_one_too(elsewhere: Workshop) -> None:
    elsewhere.name = "kpi-tracking"
    elsewhere.publish(step("own"))
    asked = {"orchestration": {"name": "finance-quarterly-review"}, "promptParameters": ASKED}

    launched = elsewhere.ask("finance-manager", "build", path="global", **asked)["payload"]["content"]
    child = child_of(elsewhere, launched["orchestrationRunId"])
    assert [one["id"] for one in elsewhere.run(child)["steps"]] == [FETCH, SUMMARIZE]


def test_a_step_that_names_the_owner_runs_that_ones_definition(elsewhere: Workshop) -> None:
    elsewhere.name = "kpi-tracking"
    elsewhere.publish(step("own"))
    elsewhere.name = f"w-{uuid.uuid4().hex[:8]}"
    child = {"name": "kpi-tracking", "parameters": ASKED}
    elsewhere.publish({"id": "shared", "agent": "finance-manager", "orchestration": child})
    run_id = elsewhere.launch()
    assert [one["id"] for one in elsewhere.run(child_of(elsewhere, run_id))["steps"]] == [FETCH, SUMMARIZE]

    with pytest.raises(Refused) as refused:
        elsewhere.publish({"id": "own", "agent": "kpi-tracking-desk", "orchestration": child}, version="1.0.1")
    assert "`kpi_names` is not a parameter of `kpi-tracking`" in str(refused.value.problem)


def test_who_belongs_to_several_organisations_names_one(stack: Stack, elsewhere: Workshop) -> None:
    join(stack, elsewhere, "demo")
    with pytest.raises(Refused) as refused:
        build(elsewhere)
    assert refused.value.status == 422
    assert "demo" in refused.value.problem["errors"][0]["message"]

    launched = build(elsewhere, Baton_Organization="demo")
    run_id = launched["content"]["orchestrationRunId"]
    assert launched["metadata"]["organization"] == elsewhere.run(run_id)["organization"] == "demo"
    taken = respond(elsewhere, elsewhere.asked(run_id, FETCH)[FETCH], "abort")  # the approval knows whose it is
    assert taken["content"]["runStatus"] == "aborted"


def test_who_belongs_to_none_is_told_so(stack: Stack, elsewhere: Workshop) -> None:
    with psycopg.connect(stack.database_url) as connection:
        connection.execute(
            "delete from organization_members m using organizations o where o.id = m.organization_id and o.slug = %s",
            (elsewhere.organization,),
        )
    with pytest.raises(Refused) as refused:
        build(elsewhere)
    assert (refused.value.status, refused.value.problem["type"]) == (403, "urn:problem-type:baton:no-organization")


def test_a_service_token_acts_in_its_organisation(elsewhere: Workshop) -> None:
    elsewhere.token = elsewhere.issue_service_token("operator")
    launched = build(elsewhere)
    assert launched["metadata"]["organization"] == elsewhere.organization
