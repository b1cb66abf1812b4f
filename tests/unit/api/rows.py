"""The rows of the record in these tests: a run that waits at its checkpoint, and its parts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from baton.model import Decision, DeliveryStatus, Principal, Role, WebhookStatus
from baton.plan import Checkpoint, CheckpointOption, Parameter, Plan, Retry, Step
from baton.ports.library import StoredAgent, StoredDefinition
from baton.ports.members import Member
from baton.ports.organizations import Launcher, Organization
from baton.ports.outbox import FailedEffect
from baton.ports.service_tokens import ServiceToken
from baton.ports.webhooks import Webhook, WebhookDelivery

ANNA = Principal(user_id="0a000000-0000-4000-8000-000000000001")
RUN_ID = "5d1e0000-0000-4000-8000-000000000001"
APPROVAL_ID = "a9900000-0000-4000-8000-000000000001"
DELIVERABLE_ID = "de100000-0000-4000-8000-000000000001"
DEFINITION_ID = "def00000-0000-4000-8000-000000000001"
TOKEN_ID = "10ce0000-0000-4000-8000-000000000001"
WEBHOOK_ID = "3eb00000-0000-4000-8000-000000000001"
DELIVERY_ID = "de110000-0000-4000-8000-000000000001"
EFFECT_ID = "effec100-0000-4000-8000-000000000001"
CHILD_ID = "c41d0000-0000-4000-8000-000000000001"
EXECUTION = f"arn:aws:states:eu-west-1:210987654321:execution:baton-kpi-tracking:{RUN_ID}-1"
MOMENT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def make_plan() -> Plan:
    retry = Retry(
        retry_count=2, initial_delay_seconds=1, backoff_multiplier=2.0, max_delay_seconds=60, strategy="exponential"
    )
    checkpoint = Checkpoint(
        question="Is it right?",
        required=True,
        options=(CheckpointOption(Decision.CONTINUE, "Go on", False), CheckpointOption(Decision.RETRY, "Again", True)),
        timeout_seconds=None,
        on_timeout=None,
    )
    fetch_input = {"userMessage": "Fetch {{ kpi_names }}", "kpis": "{{ parameters.kpi_names }}"}
    sum_input = {"rows": "{{ steps.fetch.rows }}", "note": "{{ kpi_names }}: {{ steps.fetch.rows }}"}
    return Plan(
        name="kpi-tracking",
        version="1.0.0",
        display_name="KPI tracking",
        description="",
        owner="finance-manager",
        parameters=(Parameter("kpi_names", "string[]", True, None, None, ""),),
        constraints=(),
        steps=(
            Step("fetch", 0, "Fetch", "agent", "supabase-agent", "BUILD", (), fetch_input, {}, checkpoint, retry, 120),
            Step("sum-up", 1, "Sum up", "agent", "summarizer", "BUILD", ("fetch",), sum_input, {}, None, retry, 120),
        ),
        timeout_seconds=3600,
        max_parallel=None,
    )


def step_rows() -> list[dict[str, Any]]:
    common: dict[str, Any] = {"mode": "BUILD", "type": "agent", "attempt_number": 1, "error": None, "done": False,
        "reason": None, "child_run_id": None, "completed_at": None, "item_count": 0, "total": 2}  # fmt: skip
    return [
        {**common, "id": "fetch", "index": 0, "place": 1, "name": "Fetch", "status": "checkpoint", "depends_on": [],
         "agent": "supabase-agent", "started_at": MOMENT, "attempt_count": 1},
        {**common, "id": "sum-up", "index": 1, "place": 2, "name": "Sum up", "status": "pending",
         "depends_on": ["fetch"], "agent": "summarizer", "started_at": None, "attempt_count": 0},
    ]  # fmt: skip


def approval_row() -> dict[str, Any]:
    return {
        "id": UUID(APPROVAL_ID),
        "run_id": UUID(RUN_ID),
        "organization": "demo",
        "step_id": "fetch",
        "attempt_number": 1,
        "status": "pending",
        "question": "Is it right?",
        "options": [{"action": "continue", "label": "Go on", "allowsModification": False}],
        "decision": None,
        "notes": None,
        "modifications": None,
        "decided_by": None,
        "decided_at": None,
        "closed_reason": None,
        "review": None,
        "review_reports": [],
        "created_at": MOMENT,
        "expires_at": None,
        "outputs": {"row_count": 9},
        "place": 1,
        "total": 1,
    }


def deliverable_row() -> dict[str, Any]:
    return {
        "id": UUID(DELIVERABLE_ID),
        "run_id": UUID(RUN_ID),
        "organization": "demo",
        "step_id": "fetch",
        "attempt_number": 1,
        "agent": "supabase-agent",
        "type": "analysis",
        "format": "json",
        "name": None,
        "title": "KPI data",
        "content": "[]",
        "metadata": {"sql": "SELECT 1"},
        "created_at": MOMENT,
        "place": 1,
        "total": 1,
    }


def run_row() -> dict[str, Any]:
    return {
        "id": UUID(RUN_ID),
        "organization": "demo",
        "status": "checkpoint",
        "definition_id": UUID(DEFINITION_ID),
        "definition_name": "kpi-tracking",
        "definition_version": "1.0.0",
        "definition_display_name": "KPI tracking",
        "owner_agent": "finance-manager",
        "generation": 1,
        "execution_arn": EXECUTION,
        "parameters": {"kpi_names": ["revenue"]},
        "parameter_overrides": {},
        "results": {"steps": {}},
        "error": None,
        "launched_by": UUID(ANNA.user_id),
        "root_run_id": UUID(RUN_ID),
        "parent_run_id": None,
        "forked_from_run_id": None,
        "forked_from_step_id": None,
        "created_at": MOMENT,
        "started_at": MOMENT,
        "completed_at": None,
        "timings_queued_seconds": Decimal("0.250000"),
        "timings_total_seconds": Decimal("61.5"),
        "timings_review_seconds": Decimal(60),
        "steps": step_rows(),
        "items": [],
        "attempts": [attempt_row()],
        "approvals": [approval_row()],
        "reviews": [approval_row()],
        "children": [child_row()],
        "deliverables": [deliverable_row()],
    }


def attempt_row() -> dict[str, Any]:
    return {"step_id": "fetch", "attempt_number": 1, "status": "completed", "generation": 1, "deliveries": 1,
            "error": None, "started_at": MOMENT, "ended_at": MOMENT, "place": 1, "total": 1}  # fmt: skip


def child_row() -> dict[str, Any]:
    return {"id": UUID(CHILD_ID), "step_id": "fetch", "attempt_number": 1, "status": "completed",
            "definition_name": "kpi-tracking", "definition_version": "1.0.0", "created_at": MOMENT,
            "started_at": MOMENT, "completed_at": MOMENT, "place": 1, "total": 1}  # fmt: skip


def failed_effect(failures: int = 1) -> FailedEffect:
    return FailedEffect(
        id=EFFECT_ID,
        run_id=RUN_ID,
        organization="demo",
        kind="start",
        failures=failures,
        last_error="ConnectionError: no answer",
        next_try_at=MOMENT,
        created_at=MOMENT,
    )


def stored_agent() -> StoredAgent:
    return StoredAgent(
        slug="fetcher",
        organization="demo",
        display_name="Fetcher",
        description="",
        kind="agent",
        transport={"type": "http", "url": "https://agents.example.com/"},
        orchestrations=(),
        source="…",
        created_at=MOMENT,
        updated_at=MOMENT,
        accepts={"type": "object"},
    )


def stored_definition() -> StoredDefinition:
    return StoredDefinition(
        id=DEFINITION_ID,
        organization="demo",
        plan=make_plan(),
        digest="d",
        machine="x-d",
        source="…",
        created_at=MOMENT,
    )


def a_member() -> Member:
    return Member(ANNA.user_id, "demo", (Role.VIEWER, Role.ADMIN), MOMENT)


def an_organization() -> Organization:
    launcher = Launcher(TOKEN_ID, (Role.OPERATOR,), ANNA.user_id, MOMENT)
    return Organization("demo", "Demo", "Europe/Berlin", launcher)


def a_webhook() -> Webhook:
    return Webhook(
        id=WEBHOOK_ID,
        organization="demo",
        url="https://receiver.example.com/hook",
        description="for the ledger",
        event_types=("orchestration.run.completed",),
        status=WebhookStatus.ACTIVE,
        disabled_reason=None,
        secret_version=2,
        earlier_secret_ends_at=MOMENT,
        first_failed_at=None,
        created_by=ANNA.user_id,
        created_at=MOMENT,
        verified_at=MOMENT,
        disabled_at=None,
    )


def a_delivery() -> WebhookDelivery:
    return WebhookDelivery(
        id=DELIVERY_ID,
        webhook_id=WEBHOOK_ID,
        event_id=EFFECT_ID,
        event_type="orchestration.run.completed",
        run_id=RUN_ID,
        sequence=7,
        status=DeliveryStatus.FAILED,
        attempts=7,
        next_attempt_at=None,
        response_status=500,
        response="no",
        error="answered 500",
        milliseconds=12,
        created_at=MOMENT,
        attempted_at=MOMENT,
        completed_at=MOMENT,
    )


def a_service_token() -> ServiceToken:
    return ServiceToken(
        id=TOKEN_ID,
        organization="demo",
        name="CI",
        roles=("viewer",),
        created_by=ANNA.user_id,
        created_at=MOMENT,
        expires_at=MOMENT,
        revoked_at=None,
    )
