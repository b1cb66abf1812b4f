"""``Client``: a deployment of Baton, and the nouns of its API."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypedDict

from baton_client.approvals import Approvals
from baton_client.connection import Connection, Transport
from baton_client.contents import Contents
from baton_client.deliverables import Deliverables
from baton_client.library import Library
from baton_client.members import Members
from baton_client.organizations import Organizations
from baton_client.outbox import Outbox
from baton_client.recovery import Recovery
from baton_client.retry_policy import RetryPolicy
from baton_client.run_parts import RunParts
from baton_client.runs import Runs
from baton_client.service_tokens import ServiceTokens
from baton_client.stream import Stream
from baton_client.tasks import Tasks
from baton_client.webhooks import Webhooks

TIMEOUT_SECONDS = 35.0  # a little more than the time limit of a function behind an HTTP API


class Health(TypedDict):
    status: str


class Client:
    """The API of one deployment. A context manager: ``close`` closes its connections.

    Args:
        url: the deployment's URL, for example ``https://baton.example.com``.
        token: a bearer token of the issuer, or a service token.
        organization: the default for calls that need an organisation. Lists do not use it as a filter.
        timeout: a connection counts as lost after this many seconds without a byte.
        retry_policy: how long the client repeats GET, PUT, DELETE, and POST with an idempotency key.
        transport: replaces the network, for example with ``httpx.MockTransport``.
        sleep: waits for a number of seconds, between two tries and between two answers of a stream.

    Raises (the constructor): BadArgument, BadArgumentType for a ``url`` or ``token`` that no request can have;
    Unreachable for a proxy of the environment that cannot be used.
    Raises (all calls): Unreachable, Refused; BadArgument (a ValueError) and BadArgumentType (a TypeError), before
    anything is sent. All are BatonClientError. After ``close``, calls raise RuntimeError.
    A client may be used by several threads.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        organization: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        retry_policy: RetryPolicy | None = None,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._use(
            Connection(
                url,
                token,
                organization=organization,
                timeout=timeout,
                retry_policy=retry_policy or RetryPolicy(),
                transport=transport,
                sleep=sleep,
            )
        )

    def _use(self, connection: Connection) -> None:
        self._connection = connection
        self.url = connection.url
        self.runs = Runs(connection)
        self.stream = Stream(connection)
        self.recovery = Recovery(connection)
        self.approvals = Approvals(connection)
        self.deliverables = Deliverables(connection)
        self.contents = Contents(connection)
        self.run_parts = RunParts(connection)
        self.library = Library(connection)
        self.outbox = Outbox(connection)
        self.members = Members(connection)
        self.organizations = Organizations(connection)
        self.service_tokens = ServiceTokens(connection)
        self.webhooks = Webhooks(connection)
        self.tasks = Tasks(connection)

    def with_retry_policy(self, retry_policy: RetryPolicy) -> Client:
        """A copy of the client with another retry policy. The two share their connections: close one of them."""
        other = Client.__new__(Client)
        other._use(self._connection.with_retry_policy(retry_policy))
        return other

    def health(self) -> Health:
        """Whether the API answers."""
        return self._connection.get("/health", Health)

    def openapi(self) -> dict[str, Any]:
        """The API's OpenAPI document."""
        return self._connection.get("/openapi.json", dict[str, Any])

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
