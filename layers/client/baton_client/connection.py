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
from baton_client.patience import NO_PATIENCE, Patience

Transport: TypeAlias = httpx.BaseTransport

JSON = "application/json"
PROBLEM = "application/problem+json"
IDEMPOTENCY_KEY = "Idempotency-Key"
REPEATABLE_METHODS = frozenset({"GET", "PUT", "DELETE"})


class Connection:
    """HTTP requests to one deployment. Raises (all methods): Unreachable, Refused.

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
        """A copy of the connection that repeats requests for a longer or shorter time."""
        other = copy.copy(self)
        other.patience = patience
        return other

    def organization(self, name: str | None) -> str:
        """``name``, else the client's organisation. Raises OrganizationMissing."""
        organization = name or self.own_organization
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
        """None if the answer has no body."""
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
        """The answer, whatever its status is. ``query`` leaves out values that are None."""
        all_headers = {"Accept": JSON, **(headers or {})}
        if body is not None:
            all_headers["Content-Type"] = JSON
        parameters = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        content = None if body is None else exact_json.dumps(body).encode()

        def send_once() -> httpx.Response:
            return self._http.request(method, path, params=parameters or None, content=content, headers=all_headers)

        is_repeatable = method in REPEATABLE_METHODS or IDEMPOTENCY_KEY in all_headers
        try:
            return (patience or self.patience if is_repeatable else NO_PATIENCE).send(send_once, self.sleep)
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
            raise self.foreign_answer_error(answer, "no JSON") from error
        if answer.is_success:
            return document
        if media_type(answer) != PROBLEM or not isinstance(document, dict):
            raise Unreachable(f"{self.url} answered {answer.status_code}: {answer.text}", url=self.url)
        raise Refused(document)

    def foreign_answer_error(self, answer: httpx.Response, content: str) -> Unreachable:
        """The error for an answer that does not come from Baton. ``content`` says what it contains."""
        return Unreachable(
            f"{self.url} answered {answer.status_code} and {content}: is it a deployment of Baton?", url=self.url
        )


def media_type(answer: httpx.Response) -> str:
    content_type: str = answer.headers.get("Content-Type", "")
    return content_type.partition(";")[0].strip().lower()


def segment(value: str) -> str:
    """``value`` quoted as one segment of a path."""
    return quote(value, safe="")


def camel(name: str) -> str:
    """``created_after`` → ``createdAfter``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def without_none(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _http_client(url: str, token: str, timeout: float, transport: Transport | None) -> httpx.Client:
    """The environment's proxy is not used for addresses of this machine."""
    try:
        return httpx.Client(
            base_url=url,
            headers={b"Authorization": f"Bearer {token}".encode()},
            timeout=timeout,
            transport=transport,
            trust_env=not is_this_machine(httpx.URL(url).host),
            verify=_system_trust(),
        )
    except (httpx.InvalidURL, ValueError, ImportError) as error:  # ImportError: the proxy needs a further package
        raise Unreachable(f"No requests can be sent to {url!r}: {error}", url=url) from error


@cache
def _system_trust() -> ssl.SSLContext:
    """The system's certificate authorities, not a package's list. Loading them takes a tenth of a second."""
    return ssl.create_default_context()


def is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
