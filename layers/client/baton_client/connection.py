"""One request of the API and its answer, as exact JSON."""

from __future__ import annotations

import copy
import ipaddress
import ssl
import time
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import quote

import httpx

from baton_client import exact_json
from baton_client.errors import OrganizationMissing, Refused, Unreachable
from baton_client.patience import NONE, Patience

Transport: TypeAlias = httpx.BaseTransport

JSON = "application/json"
PROBLEM = "application/problem+json"
IDEMPOTENCY_KEY = "Idempotency-Key"
SAFE_TWICE = frozenset({"GET", "PUT", "DELETE"})


class Connection:
    """Raises (all methods): Unreachable, Refused.

    ``transport`` replaces the network, in tests. Redirects are not followed: a bearer token belongs to one URL.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        organization: str | None = None,
        timeout: float,
        patience: Patience,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self.patience = patience
        self.sleep = sleep
        self.own_organization = organization
        self._http = _http_client(self.url, token, timeout, transport)

    def close(self) -> None:
        self._http.close()

    def with_patience(self, patience: Patience) -> Connection:
        """The same connection, which sends again for longer or shorter."""
        other = copy.copy(self)
        other.patience = patience
        return other

    def organization(self, named: str | None) -> str:
        """The organisation that the call names, else the client's; raises OrganizationMissing."""
        organization = named or self.own_organization
        if organization is None:
            raise OrganizationMissing
        return organization

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return self.read(self.send("GET", path, query=query))

    def post(self, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None) -> Any:
        return self.read(self.send("POST", path, body=body, headers=headers))

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self.read(self.send("PUT", path, body=body))

    def delete(self, path: str) -> Any:
        """None where the answer has no body."""
        return self.read(self.send("DELETE", path))

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> httpx.Response:
        """The answer, of whatever status. What is None in ``query`` is left out."""
        sent = {"Accept": JSON, **(headers or {})}
        if body is not None:
            sent["Content-Type"] = JSON
        asked = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        content = None if body is None else exact_json.dumps(body).encode()

        def once() -> httpx.Response:
            return self._http.request(method, path, params=asked or None, content=content, headers=sent)

        safe_twice = method in SAFE_TWICE or IDEMPOTENCY_KEY in sent
        try:
            return (patience or self.patience if safe_twice else NONE).send(once, self.sleep)
        except httpx.RequestError as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"Nothing answers at {self.url} ({reason}).", url=self.url, reason=reason) from error

    def read(self, answer: httpx.Response) -> Any:
        """The JSON of an answer; raises Refused for a problem document."""
        if answer.status_code == HTTPStatus.NO_CONTENT:
            return None
        try:
            document = exact_json.loads(answer.content)
        except ValueError as error:
            raise self.stranger(answer, "no JSON") from error
        if answer.is_success:
            return document
        if media_type(answer) != PROBLEM or not isinstance(document, dict):
            raise Unreachable(f"{self.url} answered {answer.status_code}: {answer.text}", url=self.url)
        raise Refused(document)

    def stranger(self, answer: httpx.Response, what: str) -> Unreachable:
        """The error for an answer that Baton does not give."""
        return Unreachable(
            f"{self.url} answered {answer.status_code} and {what}: is it a deployment of Baton?", url=self.url
        )


def media_type(answer: httpx.Response) -> str:
    content_type: str = answer.headers.get("Content-Type", "")
    return content_type.partition(";")[0].strip().lower()


def segment(value: str) -> str:
    """One segment of a path, whatever characters it has."""
    return quote(value, safe="")


def camel(name: str) -> str:
    """``created_after`` → ``createdAfter``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def given(**fields: Any) -> dict[str, Any]:
    """A body of the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _http_client(url: str, token: str, timeout: float, transport: Transport | None) -> httpx.Client:
    """A proxy of the environment is not asked for this machine's own addresses."""
    try:
        return httpx.Client(
            base_url=url,
            headers={b"Authorization": f"Bearer {token}".encode()},
            timeout=timeout,
            transport=transport,
            trust_env=not is_this_machine(httpx.URL(url).host),
            verify=_system_trust(),
        )
    except (httpx.InvalidURL, ValueError, ImportError) as error:  # ImportError: a proxy of a kind that needs a package
        raise Unreachable(f"No requests can be sent to {url!r}: {error}", url=url) from error


@cache
def _system_trust() -> ssl.SSLContext:
    """What the system trusts, not a list that a package carries. It takes a tenth of a second to load."""
    return ssl.create_default_context()


def is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
