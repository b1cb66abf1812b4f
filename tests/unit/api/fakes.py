"""Fakes at the ports of the API: three tokens, reads of one organisation, use cases that note their calls."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from baton.errors import NotFound, Unauthenticated
from baton.model import Principal, RunStatus
from baton.ports.contents import ContentSource
from baton.ports.library import StoredAgent, StoredDefinition
from baton.ports.members import Member
from baton.ports.organizations import Organization
from baton.ports.outbox import FailedEffect
from baton.ports.reads import RunFilter, RunPart
from baton.ports.service_tokens import ServiceToken
from baton.ports.webhooks import Webhook, WebhookChanges, WebhookDelivery
from baton.store.reads import EventPage
from baton.usecases.approvals import DecisionRequest
from baton.usecases.fork_run import Fork, ForkRequest
from baton.usecases.launch_run import LaunchedRun, LaunchRequest
from baton.usecases.library import ArchiveRequest, PublishRequest, PublishResult
from baton.usecases.preview_run import Preview, preview
from baton.usecases.recovery import AbortRequest, Outcome, RetryRequest, SkipRequest
from baton.usecases.service_tokens import IssuedToken, NewTokenRequest
from baton.usecases.webhooks import IssuedWebhook, NewWebhookRequest
from tests.unit.api.rows import (
    ANNA,
    DEFINITION_ID,
    EXECUTION,
    MOMENT,
    RUN_ID,
    a_delivery,
    a_member,
    a_service_token,
    a_webhook,
    an_organization,
    approval_row,
    deliverable_row,
    failed_effect,
    make_plan,
    run_row,
    stored_agent,
    stored_definition,
)


class FakeReads:
    """One run, one approval, one deliverable, one definition; only Anna may see them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.row_count = 1
        self.memberships = ["demo"]  # the organisations of the caller

    def organizations(self, caller: Principal) -> list[str]:
        return self.memberships

    def _note(self, caller: Principal, noun: str, **arguments: Any) -> None:
        self.calls.append((noun, arguments))
        if caller != ANNA or arguments.get("organization") not in (None, "demo", "global"):
            raise NotFound(f"There is no {noun}.")

    def runs(self, caller: Principal, run_filter: RunFilter, **arguments: Any) -> list[dict[str, Any]]:
        self._note(caller, "runs", **vars(run_filter), **arguments)
        return [run_row() for _ in range(self.row_count)]

    def run(self, caller: Principal, run_id: str) -> dict[str, Any]:
        self._note(caller, "run", run_id=run_id)
        if run_id != RUN_ID:
            raise NotFound(f"There is no run {run_id}.")
        return run_row()

    run_status = run

    def events(self, caller: Principal, run_id: str, **arguments: Any) -> EventPage:
        self._note(caller, "events", run_id=run_id, **arguments)
        rows: list[dict[str, Any]] = [
            {"id": UUID(int=1), "organization": "demo", "sequence": 1, "type": "orchestration.run.created",
             "run": {"id": RUN_ID, "rootRunId": RUN_ID}, "data": {}, "created_at": MOMENT}
        ]  # fmt: skip
        return EventPage(rows, has_more=False)

    def run_part(self, caller: Principal, run_id: str, part: RunPart, **arguments: Any) -> list[dict[str, Any]]:
        row = self.run(caller, run_id)
        items = [{"item_of": "fetch", "index": 0, "status": "completed", "attempt_number": 1, "error": None,
                  "place": 1, "total": 1}]  # fmt: skip
        rows: list[dict[str, Any]] = {
            RunPart.STEPS: row["steps"],
            RunPart.ITEMS: items,
            RunPart.ATTEMPTS: row["attempts"],
            RunPart.APPROVALS: row["reviews"],
            RunPart.PENDING_APPROVALS: row["approvals"],
            RunPart.DELIVERABLES: row["deliverables"],
        }[part]
        return rows

    def approvals(self, caller: Principal, **arguments: Any) -> list[dict[str, Any]]:
        self._note(caller, "approvals", **arguments)
        return [approval_row() for _ in range(self.row_count)]

    def approval(self, caller: Principal, approval_id: str) -> dict[str, Any]:
        self._note(caller, "approval", approval_id=approval_id)
        return {**approval_row(), "deliverable": deliverable_row()}

    def deliverable(self, caller: Principal, deliverable_id: str) -> dict[str, Any]:
        self._note(caller, "deliverable", deliverable_id=deliverable_id)
        return deliverable_row()

    def _definition_row(self) -> dict[str, Any]:
        plan = make_plan()
        return {"id": UUID(DEFINITION_ID), "organization": "global", "name": plan.name, "version": plan.version,
                "display_name": plan.display_name, "description": "", "owner_agent": plan.owner,
                "plan": plan.to_json(), "created_at": MOMENT, "archived_at": None}  # fmt: skip

    def definitions(self, caller: Principal, **arguments: Any) -> list[dict[str, Any]]:
        self._note(caller, "definitions", **arguments)
        return [self._definition_row()]

    def definition(self, caller: Principal, name: str, **arguments: Any) -> dict[str, Any]:
        self._note(caller, "definition", name=name, **arguments)
        return self._definition_row()

    def versions(self, caller: Principal, name: str, **arguments: Any) -> list[dict[str, Any]]:
        self._note(caller, "definition", name=name, **arguments)
        return [self._definition_row(), {**self._definition_row(), "archived_at": MOMENT}]

    def agents(self, caller: Principal, **arguments: Any) -> list[dict[str, Any]]:
        self._note(caller, "agents", **arguments)
        return [vars(stored_agent())]

    def agent(self, caller: Principal, slug: str, **arguments: Any) -> dict[str, Any]:
        self._note(caller, "agent", slug=slug, **arguments)
        if slug == "nobody":
            raise NotFound(f"There is no agent `{slug}`.")
        return vars(stored_agent())


class FakeContents:
    """One deliverable and one output; only Anna may see them."""

    def __init__(self) -> None:
        self.content = b'[{"value": 1.10}]'
        self.format: str | None = "json"
        self.calls: list[Any] = []

    def deliverable(self, caller: Principal, deliverable_id: str) -> ContentSource:
        return self._source(caller, deliverable_id, format=self.format)

    def deliverable_by_name(self, caller: Principal, deliverable_id: str, name: str) -> ContentSource:
        return self._source(caller, (deliverable_id, name), format=self.format)

    def output(
        self, caller: Principal, run_id: str, step_id: str, name: str, *, attempt: int | None = None
    ) -> ContentSource:
        return self._source(caller, (run_id, step_id, name, attempt))

    def run_value(self, caller: Principal, run_id: str, path: Sequence[str]) -> ContentSource:
        return self._source(caller, (run_id, *path))

    def _source(self, caller: Principal, call: Any, format: str | None = None) -> ContentSource:
        self.calls.append(call)
        if caller != ANNA:
            raise NotFound("There is no such value.")
        digest = hashlib.sha256(self.content).hexdigest()
        return ContentSource(
            len(self.content), digest, lambda start, length: self.content[start : start + length], format
        )


@dataclass
class FakeLaunch:
    fails_with: Exception | None = None
    repeated: bool = False
    requests: list[LaunchRequest] = field(default_factory=list)

    def __call__(self, caller: Principal, request: LaunchRequest, /) -> LaunchedRun:
        plan = self.preview(caller, request).plan
        return LaunchedRun(
            run_id=RUN_ID,
            definition_id=DEFINITION_ID,
            owner=plan.owner,
            status="pending",
            plan=plan,
            execution=EXECUTION,
            created=not self.repeated,
        )

    def preview(self, caller: Principal, request: LaunchRequest, /) -> Preview:
        self.requests.append(request)
        if self.fails_with:
            raise self.fails_with
        return preview(DEFINITION_ID, make_plan(), {"kpi_names": ["revenue"]})


@dataclass
class FakeDecide:
    fails_with: Exception | None = None
    requests: list[DecisionRequest] = field(default_factory=list)

    def __call__(self, caller: Principal, request: DecisionRequest, /) -> dict[str, Any]:
        self.requests.append(request)
        if self.fails_with:
            raise self.fails_with
        return {"approvalId": request.approval_id, "runId": RUN_ID, "organization": "demo", "stepId": "fetch",
                "status": "decided", "decision": request.decision, "runStatus": "running"}  # fmt: skip


@dataclass
class FakeRecover:
    fails_with: Exception | None = None
    requests: list[RetryRequest | SkipRequest | AbortRequest] = field(default_factory=list)

    def retry(self, caller: Principal, request: RetryRequest, /) -> Outcome:
        return self._note("retry", request)

    def skip(self, caller: Principal, request: SkipRequest, /) -> Outcome:
        return self._note("skip", request)

    def abort(self, caller: Principal, request: AbortRequest, /) -> Outcome:
        return self._note("abort", request)

    def _note(self, action: str, request: RetryRequest | SkipRequest | AbortRequest) -> Outcome:
        self.requests.append(request)
        if self.fails_with:
            raise self.fails_with
        return {"runId": request.run_id, "organization": "demo", "action": action, "status": "running", "generation": 2}


@dataclass
class FakeFork:
    fails_with: Exception | None = None
    repeated: bool = False
    requests: list[ForkRequest] = field(default_factory=list)

    def __call__(self, caller: Principal, request: ForkRequest, /) -> Fork:
        self.requests.append(request)
        if self.fails_with:
            raise self.fails_with
        return Fork(RUN_ID, RunStatus.PENDING, created=not self.repeated)


@dataclass
class FakeManageOutbox:
    """One effect that failed four times, one that failed five."""

    fails_with: Exception | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)

    def failed(
        self, caller: Principal, /, *, organization: str | None, failures: int, limit: int
    ) -> list[FailedEffect]:
        self._note(organization=organization, failures=failures, limit=limit)
        return [failed_effect(4), failed_effect(5)]

    def redrive(self, caller: Principal, effect_id: str, /) -> FailedEffect:
        self._note(effect_id=effect_id)
        return failed_effect()

    def redrive_all(self, caller: Principal, /, *, organization: str | None) -> int:
        self._note(organization=organization)
        return 2

    def _note(self, **arguments: Any) -> None:
        self.calls.append(arguments)
        if self.fails_with:
            raise self.fails_with


@dataclass
class FakeManageLibrary:
    fails_with: Exception | None = None
    repeated: bool = False
    requests: list[PublishRequest | ArchiveRequest] = field(default_factory=list)

    def definition(self, caller: Principal, request: PublishRequest, /) -> PublishResult[StoredDefinition]:
        self._note(request)
        return PublishResult(not self.repeated, stored_definition())

    def archive(self, caller: Principal, request: ArchiveRequest, /) -> StoredDefinition:
        self._note(request)
        return replace(stored_definition(), archived_at=MOMENT)

    def agent(self, caller: Principal, request: PublishRequest, /) -> PublishResult[StoredAgent]:
        self._note(request)
        return PublishResult(not self.repeated, stored_agent())

    def _note(self, request: PublishRequest | ArchiveRequest) -> None:
        self.requests.append(request)
        if self.fails_with:
            raise self.fails_with


@dataclass
class FakeMembers:
    """Anna is a member; everybody else is new."""

    fails_with: Exception | None = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def list(self, caller: Principal, organization: str, /, **arguments: Any) -> Sequence[Member]:
        self._note("list", organization)
        return [a_member()]

    def put(
        self, caller: Principal, organization: str, member_id: str, roles: Collection[str], /
    ) -> tuple[Member, bool]:
        self._note("put", organization, member_id, roles)
        return a_member(), member_id != ANNA.user_id

    def remove(self, caller: Principal, organization: str, member_id: str, /) -> None:
        self._note("remove", organization, member_id)

    def _note(self, *arguments: Any) -> None:
        self.calls.append(arguments)
        if self.fails_with:
            raise self.fails_with


@dataclass
class FakeOrganizations:
    fails_with: Exception | None = None
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def show(self, caller: Principal, organization: str, /) -> Organization:
        return self._note("show", organization)

    def put_time_zone(self, caller: Principal, organization: str, time_zone: str, /) -> Organization:
        return self._note("put time zone", organization, time_zone)

    def allow_launches(self, caller: Principal, organization: str, /) -> Organization:
        return self._note("allow launches", organization)

    def forbid_launches(self, caller: Principal, organization: str, /) -> Organization:
        return replace(self._note("forbid launches", organization), launcher=None)

    def _note(self, *arguments: str) -> Organization:
        self.calls.append(arguments)
        if self.fails_with:
            raise self.fails_with
        return an_organization()


@dataclass
class FakeServiceTokens:
    fails_with: Exception | None = None
    calls: list[Any] = field(default_factory=list)

    def list(self, caller: Principal, organization: str, /, **arguments: Any) -> Sequence[ServiceToken]:
        self._note(organization)
        return [a_service_token()]

    def create(self, caller: Principal, request: NewTokenRequest, /) -> IssuedToken:
        self._note(request)
        return IssuedToken(a_service_token(), "baton_…")

    def revoke(self, caller: Principal, organization: str, token_id: str, /) -> ServiceToken:
        self._note((organization, token_id))
        return replace(a_service_token(), revoked_at=MOMENT)

    def _note(self, arguments: Any) -> None:
        self.calls.append(arguments)
        if self.fails_with:
            raise self.fails_with


@dataclass
class FakeWebhooks:
    fails_with: Exception | None = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def list(self, caller: Principal, organization: str, /) -> Sequence[Webhook]:
        self._note("list", organization)
        return [a_webhook()]

    def create(self, caller: Principal, request: NewWebhookRequest, /) -> IssuedWebhook:
        self._note("create", request)
        return IssuedWebhook(a_webhook(), "whsec_…")

    def update(self, caller: Principal, organization: str, webhook_id: str, changes: WebhookChanges, /) -> Webhook:
        self._note("update", organization, webhook_id, changes)
        return a_webhook()

    def delete(self, caller: Principal, organization: str, webhook_id: str, /) -> None:
        self._note("delete", organization, webhook_id)

    def rotate(self, caller: Principal, organization: str, webhook_id: str, /) -> IssuedWebhook:
        self._note("rotate", organization, webhook_id)
        return IssuedWebhook(a_webhook(), "whsec_…")

    def test(self, caller: Principal, organization: str, webhook_id: str, /) -> WebhookDelivery:
        self._note("test", organization, webhook_id)
        return a_delivery()

    def deliveries(
        self, caller: Principal, organization: str, webhook_id: str, /, **query: Any
    ) -> Sequence[WebhookDelivery]:
        self._note("deliveries", organization, webhook_id, query)
        return [a_delivery() for _ in range(query["limit"])]

    def redeliver(self, caller: Principal, organization: str, webhook_id: str, delivery_id: str, /) -> WebhookDelivery:
        self._note("redeliver", organization, webhook_id, delivery_id)
        return a_delivery()

    def _note(self, *arguments: Any) -> None:
        self.calls.append(arguments)
        if self.fails_with:
            raise self.fails_with


def identify(token: str) -> Principal:
    if token == "annas-token":
        return ANNA
    if token == "strangers-token":
        return Principal(user_id="0b000000-0000-4000-8000-000000000002")
    raise Unauthenticated("The token is not valid.")


@dataclass
class FakeFunction:
    launch: FakeLaunch = field(default_factory=FakeLaunch)
    decide: FakeDecide = field(default_factory=FakeDecide)
    recover: FakeRecover = field(default_factory=FakeRecover)
    fork: FakeFork = field(default_factory=FakeFork)
    manage_outbox: FakeManageOutbox = field(default_factory=FakeManageOutbox)
    library: FakeManageLibrary = field(default_factory=FakeManageLibrary)
    reads: FakeReads = field(default_factory=FakeReads)
    contents: FakeContents = field(default_factory=FakeContents)
    members: FakeMembers = field(default_factory=FakeMembers)
    organizations: FakeOrganizations = field(default_factory=FakeOrganizations)
    service_tokens: FakeServiceTokens = field(default_factory=FakeServiceTokens)
    webhooks: FakeWebhooks = field(default_factory=FakeWebhooks)
    identify: Callable[[str], Principal] = field(default=identify)
