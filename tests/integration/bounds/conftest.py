"""The API and the stream in this process, on a database of their own. Every answer is measured as Lambda encodes it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from baton import exact_json
from baton.agents.address_guard import AddressGuard
from baton.api import routes, stream
from baton.api.functions import ApiFunction, StreamFunction
from baton.api.resolver import Resolver
from baton.api.tickets import Tickets
from baton.library_sources import LibrarySources
from baton.model import Role
from baton.store.approvals import ApprovalReads
from baton.store.contents import Contents
from baton.store.database import Database as StoreDatabase
from baton.store.library import LibraryTable
from baton.store.members import MembersTable
from baton.store.organizations import OrganizationsTable
from baton.store.outbox import FailedEffects
from baton.store.reads import Reads
from baton.store.recovery import Recoveries
from baton.store.runs import Forks
from baton.store.service_tokens import ServiceTokensTable
from baton.store.stream import Stream
from baton.store.webhooks import WebhooksTable
from baton.usecases.approvals import RequestDecision
from baton.usecases.fork_run import ForkRun
from baton.usecases.library import ManageLibrary
from baton.usecases.members import ManageMembers
from baton.usecases.organizations import ManageOrganizations
from baton.usecases.outbox import ManageOutbox
from baton.usecases.recovery import RecoverRun
from baton.usecases.service_tokens import ManageServiceTokens
from baton.usecases.stream_run import StreamRun
from baton.usecases.webhooks import ManageWebhooks
from baton_client import Client
from local.database import Database
from tests.integration.bounds.stored import REVIEWED
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.record.engine import ENGINE, EngineFixture
from tests.integration.record.fakes import FakeApprovalFunction
from tests.integration.recording import RecordingMachines
from tests.unit.api.client import http_event

MAX_BYTES = 4_000_000  # of an answer as Lambda encodes it


@dataclass
class ApiFixture:
    """``sizes`` are the bytes of all answers so far, by method and path."""

    engine: EngineFixture
    api: Resolver
    stream: Resolver
    sizes: dict[str, int] = field(default_factory=dict)

    def ask(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The answer of the function: ``statusCode``, ``headers``, ``body``."""
        path, _, query = url.partition("?")
        text = body if body is None or isinstance(body, str) else exact_json.dumps(body)
        sent = {**(headers or {}), "authorization": "Bearer t", "content-type": "application/json"}
        event = http_event(method, path, text, {k.lower(): v for k, v in sent.items()}, dict(parse_qsl(query)))
        resolver = self.stream if "/status/stream" in path else self.api
        answer: dict[str, Any] = resolver.resolve(event, None)
        size = len(json.dumps(answer))
        assert size <= MAX_BYTES, f"{method} {url}: {size} bytes"
        assert answer["statusCode"] < 500, answer["body"]
        self.sizes[f"{method} {url}"] = size
        return answer

    def get(self, url: str) -> Any:
        return self.decoded(self.ask("GET", url))

    def decoded(self, answer: dict[str, Any]) -> Any:
        """The JSON of a successful answer."""
        assert answer["statusCode"] < 300, answer["body"]
        return json.loads(answer["body"])

    def client(self) -> Client:
        def send(request: httpx.Request) -> httpx.Response:
            answer = self.ask(
                request.method, request.url.raw_path.decode(), request.content.decode() or None, dict(request.headers)
            )
            content = answer["body"] or ""
            kept = {**answer["headers"], **{k: v[0] for k, v in answer.get("multiValueHeaders", {}).items()}}
            raw = base64.b64decode(content) if answer["isBase64Encoded"] else content.encode()
            return httpx.Response(answer["statusCode"], headers=kept, content=raw)

        return Client("http://baton.test", "t", organization="demo", transport=httpx.MockTransport(send))


@dataclass
class FakeDeliveryQueue:
    """Every delivery succeeds at once. The receivers answer as much as the record keeps."""

    engine: EngineFixture

    def send(self, delivery_ids: Sequence[str], *, delay_seconds: float = 0) -> None:
        self.engine.owner.execute(
            "update baton.webhook_deliveries set status = 'delivered', next_attempt_at = null, send_at = null,"
            " completed_at = now(), attempted_at = now(), response_status = 200, response = repeat('\"', 1000)"
            " where id = any(%s::uuid[])",
            [list(delivery_ids)],
        )


@pytest.fixture(scope="module")
def api(database_server: Server, template_database: Database) -> Iterator[ApiFixture]:
    with new_database(database_server, name_of(template_database.owner_url)) as owner_url:
        logins = database_server.logins(owner_url)
        with (
            closing(EngineFixture(logins.__getitem__, owner_url)) as engine,
            closing(StoreDatabase(logins["api"])) as database,
            closing(StoreDatabase(logins["stream"])) as of_the_stream,
        ):
            engine.caller = engine.member(*Role)
            engine.define(REVIEWED)
            yield ApiFixture(engine, _api(engine, database), _stream(engine, of_the_stream))


def _api(engine: EngineFixture, database: StoreDatabase) -> Resolver:
    nothing: Any = None
    members = MembersTable(database)
    return routes.build(
        ApiFunction(
            outbox=nothing,
            launch=engine.launch_run,
            fork=ForkRun(Forks(database), engine.effects, ENGINE),
            recover=RecoverRun(Recoveries(database), engine.effects),
            decide=RequestDecision(ApprovalReads(database), FakeApprovalFunction(engine.take_decision)),
            library=ManageLibrary(
                LibraryTable(database), lambda: LibrarySources(AddressGuard()), lambda: RecordingMachines()
            ),
            manage_outbox=ManageOutbox(FailedEffects(database)),
            members=ManageMembers(members),
            organizations=ManageOrganizations(members, OrganizationsTable(database, ENGINE.id)),
            service_tokens=ManageServiceTokens(members, ServiceTokensTable(database)),
            webhooks=ManageWebhooks(
                members, WebhooksTable(database), AddressGuard().check, lambda: "k" * 64, FakeDeliveryQueue(engine)
            ),
            reads=Reads(database),
            contents=Contents(database),
            identify=lambda token: engine.caller,
        )
    )


def _stream(engine: EngineFixture, database: StoreDatabase) -> Resolver:
    follow = StreamRun(Stream(database), lambda seconds: None, time.monotonic)
    return stream.build(StreamFunction(follow, Tickets(lambda: "k" * 64), lambda token: engine.caller))
