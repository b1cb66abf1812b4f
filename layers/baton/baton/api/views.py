"""Rows of the record → the JSON that callers see: camelCase, moments in UTC, ids as text, nothing private."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baton.outbox import STUCK_AFTER
from baton.plan import Plan
from baton.ports.library import StoredDefinition
from baton.ports.undelivered import UndeliveredEffect

Row = Mapping[str, Any]
View = dict[str, Any]


def run(row: Row) -> View:
    """The whole of a run."""
    return {
        **run_line(row),
        "rootRunId": row["root_run_id"],
        "parentRunId": row["parent_run_id"],
        "forkedFrom": _fork(row),
        "parameters": row["parameters"],
        "parameterOverrides": row["parameter_overrides"],
        "results": row["results"],
        "steps": [step(item) for item in row["steps"]],
        "readySteps": ready_steps(row["steps"]),
        "pendingApprovals": [approval(item) for item in row["approvals"]],
        "deliverables": [deliverable_line(item) for item in row["deliverables"]],
    }


def run_line(row: Row) -> View:
    """A run in a list."""
    return {
        "id": row["id"],
        "status": row["status"],
        "organization": row["organization"],
        "definition": {
            "id": row["definition_id"],
            "name": row["definition_name"],
            "version": row["definition_version"],
            "displayName": row["definition_display_name"],
        },
        "ownerAgent": row["owner_agent_slug"],
        "generation": row["generation"],
        "error": row["error"],
        "launchedBy": row["launched_by"],
        **_timings(row),
    }


def run_status(row: Row) -> View:
    """How a run stands: the short form, for those who ask often."""
    return {
        "id": row["id"],
        "status": row["status"],
        "organization": row["organization"],
        "generation": row["generation"],
        "error": row["error"],
        "steps": [step(item) for item in row["steps"]],
        "readySteps": ready_steps(row["steps"]),
        "pendingApprovals": [approval_line(item) for item in row["approvals"]],
        **_timings(row),
    }


def step(row: Row) -> View:
    """``reason`` says why it was skipped; ``items`` are those of a for_each step, ``childRunId`` is the run of an
    orchestration step."""
    return {
        "id": row["step_id"],
        "index": row["step_index"],
        "name": row["name"],
        "status": row["status"],
        "agent": row["agent_slug"],
        "mode": row["mode"],
        "dependsOn": row["depends_on"],
        "attemptNumber": row["attempt_number"],
        "error": row["error"],
        "reason": row["reason"],
        "childRunId": row["child_run_id"],
        "items": row["items"],
        "startedAt": row["started_at"],
        "completedAt": row["completed_at"],
    }


def ready_steps(steps: Sequence[Row]) -> list[str]:
    """Ids of the steps that could begin now: not begun, and everything they depend on is done."""
    done = {item["step_id"] for item in steps if item["done"]}
    return [
        item["step_id"]
        for item in steps
        if item["status"] in ("pending", "queued") and done.issuperset(item["depends_on"])
    ]


def planned_steps(plan: Plan) -> list[View]:
    """The steps of a run that has only just been launched, or would be."""
    return [
        {
            "id": item.id,
            "index": item.index,
            "name": item.name,
            "status": "pending",
            "agent": item.agent,
            "mode": item.mode,
            "dependsOn": list(item.depends_on),
        }
        for item in plan.steps
    ]


def planned_ready_steps(plan: Plan) -> list[str]:
    return [item.id for item in plan.steps if not item.depends_on]


def approval_line(row: Row) -> View:
    """An approval in a list: what is asked, without the data to look at."""
    return {
        "id": row["id"],
        "runId": row["run_id"],
        "organization": row["organization"],
        "stepId": row["step_id"],
        "attemptNumber": row["attempt_number"],
        "status": row["status"],
        "question": row["question"],
        "options": row["options"],
        "decision": row["decision"],
        "notes": row["notes"],
        "modifications": row["modifications"],
        "decidedBy": row["decided_by"],
        "decidedAt": row["decided_at"],
        "closedReason": row["closed_reason"],
        "createdAt": row["created_at"],
        "expiresAt": row["expires_at"],
    }


def approval(row: Row) -> View:
    """An approval with what the person is asked to look at."""
    data: View = {"outputs": row["outputs"]}
    if "deliverable" in row:
        data["deliverable"] = deliverable(row["deliverable"]) if row["deliverable"] else None
    return {**approval_line(row), "data": data}


def deliverable_line(row: Row) -> View:
    """A deliverable in a list, without its content."""
    return {
        "id": row["id"],
        "runId": row["run_id"],
        "organization": row["organization"],
        "stepId": row["step_id"],
        "attemptNumber": row["attempt_number"],
        "agent": row["agent_slug"],
        "type": row["type"],
        "format": row["format"],
        "title": row["title"],
        "createdAt": row["created_at"],
    }


def deliverable(row: Row) -> View:
    return {**deliverable_line(row), "content": row["content"], "metadata": row["metadata"]}


def event(row: Row) -> View:
    return {
        "id": row["id"],
        "runId": row["run_id"],
        "sequence": row["sequence"],
        "type": row["type"],
        "data": row["data"],
        "createdAt": row["created_at"],
    }


def effect(undelivered: UndeliveredEffect) -> View:
    """What could not be delivered yet. ``stuck``: it failed so often that somebody should look."""
    return {
        "id": undelivered.id,
        "runId": undelivered.run_id,
        "organization": undelivered.organization,
        "kind": undelivered.kind,
        "failures": undelivered.failures,
        "stuck": undelivered.failures >= STUCK_AFTER,
        "lastError": undelivered.last_error,
        "nextTryAt": undelivered.next_try_at,
        "createdAt": undelivered.created_at,
    }


def definition(row: Row) -> View:
    """What a launcher needs to know of a definition: its parameters and, for orientation, its steps."""
    plan = row["plan"]
    return {
        "id": row["id"],
        "organization": row["organization"],
        "name": row["name"],
        "version": row["version"],
        "displayName": row["display_name"],
        "description": row["description"],
        "ownerAgent": row["owner_agent_slug"],
        "parameters": plan["parameters"],
        "constraints": plan["constraints"],
        "steps": [
            {key: item[key] for key in ("id", "index", "name", "type", "agent", "mode", "dependsOn")}
            for item in plan["steps"]
        ],
        "createdAt": row["created_at"],
    }


def published_definition(stored: StoredDefinition) -> View:
    """The same of a version that was just published."""
    plan = stored.plan
    row = {**vars(stored), "name": plan.name, "version": plan.version, "display_name": plan.display_name,
           "description": plan.description, "owner_agent_slug": plan.owner, "plan": plan.to_json()}  # fmt: skip
    return definition(row)


def agent(row: Row) -> View:
    """An agent, and how it is reached. ``bundled``: it came with the deployment."""
    return {
        "slug": row["slug"],
        "organization": row["organization"],
        "displayName": row["display_name"],
        "description": row["description"],
        "kind": row["kind"],
        "transport": row["transport"],
        "orchestrations": row["orchestrations"],
        "bundled": row["source"] is None,
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }


def _fork(row: Row) -> View | None:
    if row["forked_from_run_id"] is None:
        return None
    return {"runId": row["forked_from_run_id"], "stepId": row["forked_from_step_id"]}


def _timings(row: Row) -> View:
    return {"createdAt": row["created_at"], "startedAt": row["started_at"], "completedAt": row["completed_at"]}
