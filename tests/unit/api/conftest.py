"""The API over fakes at its ports: a verifier that knows three tokens, reads of one organisation, use cases that note
what they were asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from baton.api import routes
from baton.errors import NotFound, Unauthenticated
from baton.model import Principal
from baton.plan import Checkpoint, CheckpointOption, Parameter, Plan, Retry, Step
from baton.ports.library import StoredAgent, StoredDefinition
from baton.ports.members import Member
from baton.ports.reads import RunFilter
from baton.ports.service_tokens import ServiceToken
from baton.ports.undelivered import UndeliveredEffect
from baton.usecases.decide import DecisionRequest
from baton.usecases.fork import Fork, ForkRequest
from baton.usecases.launch import LaunchedRun, LaunchRequest
from baton.usecases.preview import Preview, preview
from baton.usecases.publish import ArchiveRequest, Published, PublishRequest
from baton.usecases.recover import AbortRequest, Outcome, RetryRequest, SkipRequest
from baton.usecases.service_tokens import IssuedToken, NewTokenRequest

ANNA = Principal(user_id="0a000000-0000-4000-8000-000000000001")
RUN_ID = "5d1e0000-0000-4000-8000-000000000001"
APPROVAL_ID = "a9900000-0000-4000-8000-000000000001"
DELIVERABLE_ID = "de100000-0000-4000-8000-000000000001"
DEFINITION_ID = "def00000-0000-4000-8000-000000000001"
TOKEN_ID = "10ce0000-0000-4000-8000-000000000001"
EFFECT_ID = "effec100-0000-4000-8000-000000000001"
CHILD_ID = "c41d0000-0000-4000-8000-000000000001"
MOMENT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def make_plan() -> Plan:
    retry = Retry(
        retry_count=2, initial_delay_seconds=1, backoff_multiplier=2.0, max_delay_seconds=60, strategy="exponential"
    )
    checkpoint = Checkpoint(
        question="Is it right?",
        required=True,
        options=(CheckpointOption("continue", "Go on", False), CheckpointOption("retry", "Again", True)),
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
    common: dict[str, Any] = {"mode": "BUILD", "attempt_number": 1, "error": None, "completed_at": None,
        "done": False, "reason": None, "child_run_id": None, "items": None}  # fmt: skip
    return [
        {**common, "step_id": "fetch", "step_index": 0, "name": "Fetch", "status": "checkpoint", "depends_on": [],
         "agent_slug": "supabase-agent", "started_at": MOMENT},
        {**common, "step_id": "sum-up", "step_index": 1, "name": "Sum up", "status": "pending", "depends_on": ["fetch"],
         "agent_slug": "summarizer", "started_at": None},
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
        "created_at": MOMENT,
        "expires_at": None,
        "outputs": {"row_count": 9},
    }


def deliverable_row() -> dict[str, Any]:
    return {
        "id": UUID(DELIVERABLE_ID),
        "run_id": UUID(RUN_ID),
        "organization": "demo",
        "step_id": "fetch",
        "attempt_number": 1,
        "agent_slug": "supabase-agent",
        "type": "analysis",
        "format": "json",
        "title": "KPI data",
        "content": "[]",
        "metadata": {"sql": "SELECT 1"},
        "created_at": MOMENT,
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
        "owner_agent_slug": "finance-manager",
        "generation": 1,
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
        "queued_seconds": Decimal("0.250000"),
        "total_seconds": Decimal("61.5"),
        "review_seconds": Decimal(60),
        "steps": step_rows(),
        "attempts": [attempt_row()],
        "approvals": [approval_row()],
        "reviews": [approval_row()],
        "children": [child_row()],
        "deliverables": [deliverable_row()],
    }


def attempt_row() -> dict[str, Any]:
    return {"step_id": "fetch", "attempt_number": 1, "status": "completed", "generation": 1, "deliveries": 1,
            "error": None, "started_at": MOMENT, "ended_at": MOMENT}  # fmt: skip


def child_row() -> dict[str, Any]:
    return {"id": UUID(CHILD_ID), "parent_step_id": "fetch", "parent_attempt": 1, "status": "completed",
            "definition_name": "kpi-tracking", "definition_version": "1.0.0", "created_at": MOMENT,
            "started_at": MOMENT, "completed_at": MOMENT}  # fmt: skip


class FakeReads:
    """One run, one approval, one deliverable, one definition; only Anna may see them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.how_many = 1

    def _seen_by(self, caller: Principal, noun: str, **asked: Any) -> None:
        self.asked.append((noun, asked))
        if caller != ANNA or asked.get("organization") not in (None, "demo"):
            raise NotFound(f"There is no {noun}.")

    def runs(self, caller: Principal, narrowed: RunFilter, **asked: Any) -> list[dict[str, Any]]:
        self._seen_by(caller, "runs", **vars(narrowed), **asked)
        return [run_row() for _ in range(self.how_many)]

    def run(self, caller: Principal, run_id: str) -> dict[str, Any]:
        self._seen_by(caller, "run", run_id=run_id)
        if run_id != RUN_ID:
            raise NotFound(f"There is no run {run_id}.")
        return run_row()

    run_status = run

    def events(self, caller: Principal, run_id: str, **asked: Any) -> list[dict[str, Any]]:
        self._seen_by(caller, "events", run_id=run_id, **asked)
        return [
            {"id": UUID(int=1), "organization": "demo", "sequence": 1, "type": "orchestration.run.created",
             "run": {"id": RUN_ID, "rootRunId": RUN_ID}, "data": {}, "created_at": MOMENT}
        ]  # fmt: skip

    def approvals(self, caller: Principal, **asked: Any) -> list[dict[str, Any]]:
        self._seen_by(caller, "approvals", **asked)
        return [approval_row() for _ in range(self.how_many)]

    def approval(self, caller: Principal, approval_id: str) -> dict[str, Any]:
        self._seen_by(caller, "approval", approval_id=approval_id)
        return {**approval_row(), "deliverable": deliverable_row()}

    def deliverable(self, caller: Principal, deliverable_id: str) -> dict[str, Any]:
        self._seen_by(caller, "deliverable", deliverable_id=deliverable_id)
        return deliverable_row()

    def _definition_row(self) -> dict[str, Any]:
        plan = make_plan()
        return {"id": UUID(DEFINITION_ID), "organization": "global", "name": plan.name, "version": plan.version,
                "display_name": plan.display_name, "description": "", "owner_agent_slug": plan.owner,
                "plan": plan.to_json(), "created_at": MOMENT, "archived_at": None}  # fmt: skip

    def definitions(self, caller: Principal, **asked: Any) -> list[dict[str, Any]]:
        self._seen_by(caller, "definitions", **asked)
        return [self._definition_row()]

    def definition(self, caller: Principal, name: str, **asked: Any) -> dict[str, Any]:
        self._seen_by(caller, "definition", name=name, **asked)
        return self._definition_row()

    def versions(self, caller: Principal, name: str, **asked: Any) -> list[dict[str, Any]]:
        self._seen_by(caller, "definition", name=name, **asked)
        return [self._definition_row(), {**self._definition_row(), "archived_at": MOMENT}]

    def agents(self, caller: Principal, **asked: Any) -> list[dict[str, Any]]:
        self._seen_by(caller, "agents", **asked)
        return [vars(stored_agent())]

    def agent(self, caller: Principal, slug: str, **asked: Any) -> dict[str, Any]:
        self._seen_by(caller, "agent", slug=slug, **asked)
        if slug == "nobody":
            raise NotFound(f"There is no agent `{slug}`.")
        return vars(stored_agent())


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
        return {"approvalId": request.approval_id, "runId": RUN_ID, "stepId": "fetch", "status": "decided",
                "decision": request.decision, "runStatus": "running"}  # fmt: skip


@dataclass
class FakeRecover:
    fails_with: Exception | None = None
    requests: list[RetryRequest | SkipRequest | AbortRequest] = field(default_factory=list)

    def retry(self, caller: Principal, request: RetryRequest, /) -> Outcome:
        return self._asked("retry", request)

    def skip(self, caller: Principal, request: SkipRequest, /) -> Outcome:
        return self._asked("skip", request)

    def abort(self, caller: Principal, request: AbortRequest, /) -> Outcome:
        return self._asked("abort", request)

    def _asked(self, action: str, request: RetryRequest | SkipRequest | AbortRequest) -> Outcome:
        self.requests.append(request)
        if self.fails_with:
            raise self.fails_with
        return {"runId": request.run_id, "action": action, "status": "running", "generation": 2}


@dataclass
class FakeFork:
    fails_with: Exception | None = None
    repeated: bool = False
    requests: list[ForkRequest] = field(default_factory=list)

    def __call__(self, caller: Principal, request: ForkRequest, /) -> Fork:
        self.requests.append(request)
        if self.fails_with:
            raise self.fails_with
        return Fork(RUN_ID, "pending", created=not self.repeated)


def undelivered_effect(failures: int = 1) -> UndeliveredEffect:
    return UndeliveredEffect(
        id=EFFECT_ID,
        run_id=RUN_ID,
        organization="demo",
        kind="start",
        failures=failures,
        last_error="ConnectionError: no answer",
        next_try_at=MOMENT,
        created_at=MOMENT,
    )


@dataclass
class FakeUndelivered:
    """One effect that failed four times, one that failed five."""

    fails_with: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def failed(
        self, caller: Principal, /, *, organization: str | None, failures: int, limit: int
    ) -> list[UndeliveredEffect]:
        self._asked(organization=organization, failures=failures, limit=limit)
        return [undelivered_effect(4), undelivered_effect(5)]

    def redrive(self, caller: Principal, effect_id: str, /) -> UndeliveredEffect:
        self._asked(effect_id=effect_id)
        return undelivered_effect()

    def redrive_all(self, caller: Principal, /, *, organization: str | None) -> int:
        self._asked(organization=organization)
        return 2

    def _asked(self, **asked: Any) -> None:
        self.asked.append(asked)
        if self.fails_with:
            raise self.fails_with


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


@dataclass
class FakePublish:
    fails_with: Exception | None = None
    repeated: bool = False
    requests: list[PublishRequest | ArchiveRequest] = field(default_factory=list)

    def definition(self, caller: Principal, request: PublishRequest, /) -> Published[StoredDefinition]:
        self._asked(request)
        return Published(not self.repeated, stored_definition())

    def archive(self, caller: Principal, request: ArchiveRequest, /) -> StoredDefinition:
        self._asked(request)
        return replace(stored_definition(), archived_at=MOMENT)

    def agent(self, caller: Principal, request: PublishRequest, /) -> Published[StoredAgent]:
        self._asked(request)
        return Published(not self.repeated, stored_agent())

    def _asked(self, request: PublishRequest | ArchiveRequest) -> None:
        self.requests.append(request)
        if self.fails_with:
            raise self.fails_with


def a_member() -> Member:
    return Member(ANNA.user_id, "demo", ("viewer", "admin"), MOMENT)


@dataclass
class FakeMembers:
    """Anna. Whoever else is put there is new."""

    fails_with: Exception | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def list(self, caller: Principal, organization: str, /) -> Sequence[Member]:
        self._asked("list", organization)
        return [a_member()]

    def put(
        self, caller: Principal, organization: str, member_id: str, roles: Collection[str], /
    ) -> tuple[Member, bool]:
        self._asked("put", organization, member_id, roles)
        return a_member(), member_id != ANNA.user_id

    def remove(self, caller: Principal, organization: str, member_id: str, /) -> None:
        self._asked("remove", organization, member_id)

    def _asked(self, *asked: Any) -> None:
        self.asked.append(asked)
        if self.fails_with:
            raise self.fails_with


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


@dataclass
class FakeServiceTokens:
    fails_with: Exception | None = None
    asked: list[Any] = field(default_factory=list)

    def list(self, caller: Principal, organization: str, /) -> Sequence[ServiceToken]:
        self._asked(organization)
        return [a_service_token()]

    def create(self, caller: Principal, request: NewTokenRequest, /) -> IssuedToken:
        self._asked(request)
        return IssuedToken(a_service_token(), "baton_…")

    def revoke(self, caller: Principal, organization: str, token_id: str, /) -> ServiceToken:
        self._asked((organization, token_id))
        return replace(a_service_token(), revoked_at=MOMENT)

    def _asked(self, asked: Any) -> None:
        self.asked.append(asked)
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
    undelivered: FakeUndelivered = field(default_factory=FakeUndelivered)
    publish: FakePublish = field(default_factory=FakePublish)
    reads: FakeReads = field(default_factory=FakeReads)
    members: FakeMembers = field(default_factory=FakeMembers)
    service_tokens: FakeServiceTokens = field(default_factory=FakeServiceTokens)
    identify: Callable[[str], Principal] = field(default=identify)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


def http_event(method: str, path: str, body: str | None, headers: Mapping[str, str], query: Mapping[str, str]) -> Any:
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(headers),
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default", "requestId": "r1"},
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(query)
    if body is not None:
        event["body"] = body
    return event


class Client:
    """Asks the API as API Gateway would."""

    def __init__(self, function: FakeFunction) -> None:
        self._api = routes.build(function)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = "annas-token",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {**({"authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        answer = self._api.resolve(http_event(method, path, text, sent, query or {}), None)
        kept = {**answer["headers"], **{k: v[0] for k, v in answer.get("multiValueHeaders", {}).items()}}
        is_json = "json" in kept.get("Content-Type", "")
        return Answer(answer["statusCode"], kept, json.loads(answer["body"]) if is_json else answer.get("body"))

    def get(self, path: str, **options: Any) -> Answer:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> Answer:
        return self.ask("POST", path, body, **options)


@pytest.fixture
def function() -> FakeFunction:
    return FakeFunction()


@pytest.fixture
def client(function: FakeFunction) -> Client:
    return Client(function)


@pytest.fixture
def ids() -> dict[str, str]:
    return {
        "run": RUN_ID,
        "approval": APPROVAL_ID,
        "deliverable": DELIVERABLE_ID,
        "definition": DEFINITION_ID,
        "effect": EFFECT_ID,
        "token": TOKEN_ID,
        "anna": ANNA.user_id,
    }
