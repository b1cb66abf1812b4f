"""One request of the API and its answer, as exact JSON."""

from __future__ import annotations

import copy
import ipaddress
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar, cast

import httpx

from baton_client import exact_json
from baton_client.answer_check import fault_of
from baton_client.arguments import deployment_url, header_text, json_body, query_text, token_text
from baton_client.errors import BadArgument, GatewayRefused, OrganizationMissing, Refused, Unreachable
from baton_client.retry_policy import NO_RETRIES, RetryPolicy

Transport: TypeAlias = httpx.BaseTransport

JSON = "application/json"
PROBLEM = "application/problem+json"
IDEMPOTENCY_KEY = "Idempotency-Key"
ORGANIZATION = "Baton-Organization"
LAST_EVENT_ID = "Last-Event-ID"
ARGUMENTS = {IDEMPOTENCY_KEY: "idempotency_key", ORGANIZATION: "organization", LAST_EVENT_ID: "last_event_id"}
REPEATABLE_METHODS = frozenset({"GET", "PUT", "DELETE"})
NOT_JSON = object()
MAX_EXCERPT_CHARACTERS = 200  # of another program's answer

Answer = TypeVar("Answer")
Page = TypeVar("Page", bound=Mapping[str, Any])


class Connection:
    """HTTP requests to one deployment. Raises (all methods): Unreachable, Refused, BadArgument, BadArgumentType;
    RuntimeError after ``close``.

    ``transport`` replaces the network, in tests. Redirects are not followed: a bearer token belongs to one URL.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        organization: str | None = None,
        timeout: float,
        retry_policy: RetryPolicy,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = _http_client(url, token, timeout, transport)
        self.url = url.rstrip("/")
        self.retry_policy = retry_policy
        self.sleep = sleep
        self.own_organization = organization

    def close(self) -> None:
        self._http.close()

    def with_retry_policy(self, retry_policy: RetryPolicy) -> Connection:
        """A copy of the connection that repeats requests for a longer or shorter time."""
        other = copy.copy(self)
        other.retry_policy = retry_policy
        return other

    def organization(self, name: str | None) -> str:
        """``name``, else the client's organisation. Raises OrganizationMissing."""
        organization = name or self.own_organization
        if organization is None:
            raise OrganizationMissing
        return organization

    def get(self, path: str, kind: type[Answer], query: Mapping[str, Any] | None = None) -> Answer:
        """``kind`` is the type of the answer, a TypedDict, here and in the other methods."""
        return self.read(self.send("GET", path, query=query), kind)

    def pages(self, path: str, kind: type[Page], query: Mapping[str, Any] | None = None) -> Iterator[Page]:
        """All pages of a list."""
        cursor: str | None = None
        while True:
            page = self.get(path, kind, {**(query or {}), "cursor": cursor})
            yield page
            following = page.get("nextCursor")
            if not isinstance(following, str):
                return
            cursor = following

    def post(
        self,
        path: str,
        kind: type[Answer],
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self.read(self.send("POST", path, body=body, headers=headers), kind)

    def put(self, path: str, kind: type[Answer], body: Mapping[str, Any] | None = None) -> Answer:
        return self.read(self.send("PUT", path, body=body), kind)

    def patch(self, path: str, kind: type[Answer], body: Mapping[str, Any]) -> Answer:
        return self.read(self.send("PATCH", path, body=body), kind)

    def delete(self, path: str, kind: type[Answer]) -> Answer:
        return self.read(self.send("DELETE", path), kind)

    def remove(self, path: str) -> None:
        """DELETE, where the API answers without a body."""
        answer = self.send("DELETE", path)
        self.raise_refusal(answer)
        if answer.status_code != HTTPStatus.NO_CONTENT:
            raise self.foreign_answer_error(answer, "not 204")

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        retry_policy: RetryPolicy | None = None,
    ) -> httpx.Response:
        """The answer, whatever its status is. ``query`` leaves out values that are None."""
        if self._http.is_closed:
            raise RuntimeError("The client is closed.")
        request = self._request(method, path, query or {}, body, headers or {})
        is_repeatable = method in REPEATABLE_METHODS or IDEMPOTENCY_KEY in request.headers
        try:
            return (retry_policy or self.retry_policy if is_repeatable else NO_RETRIES).send(
                lambda: self._http.send(request), self.sleep
            )
        except httpx.RequestError as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"Nothing answers at {self.url} ({reason}).", url=self.url, reason=reason) from error

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> httpx.Request:
        content = None if body is None else json_body(body)
        content_type = {} if body is None else {"Content-Type": JSON}
        texts = {name: header_text(value, ARGUMENTS.get(name, name)) for name, value in headers.items()}
        parameters = {name: query_text(value, name) for name, value in query.items() if value is not None}
        try:
            return self._http.build_request(
                method,
                path,
                params=parameters or None,
                content=content,
                headers={"Accept": JSON, **texts, **content_type},
            )
        except httpx.InvalidURL as error:
            raise BadArgument(f"The arguments make no URL: {error}.") from None

    def read(self, answer: httpx.Response, kind: type[Answer]) -> Answer:
        """The JSON of an answer. Raises Refused for a refusal, Unreachable for an answer of another shape."""
        self.raise_refusal(answer)
        document = _json_of(answer)
        fault = "no JSON" if document is NOT_JSON else fault_of(document, kind)
        if fault is not None:
            raise self.foreign_answer_error(answer, fault)
        return cast(Answer, document)

    def raise_refusal(self, answer: httpx.Response) -> None:
        """Raise Refused for an error's status, with the problem of the API or the message of its gateway. Raises
        Unreachable for an error of another program."""
        if answer.is_success:
            return
        document = _json_of(answer)
        if answer.is_error and isinstance(document, dict):
            if media_type(answer) == PROBLEM:
                raise Refused(document, answer.status_code)
            message = document.get("message", document.get("Message"))
            if isinstance(message, str):
                raise GatewayRefused(_gateway_problem(answer, message))
        raise self.foreign_answer_error(
            answer, "no JSON" if document is NOT_JSON else answer.text[:MAX_EXCERPT_CHARACTERS]
        )

    def foreign_answer_error(self, answer: httpx.Response, content: str) -> Unreachable:
        """The error for an answer that does not come from Baton. ``content`` says what it contains."""
        return Unreachable(
            f"{self.url} answered {answer.status_code} and {content}: is it a deployment of Baton?", url=self.url
        )


def _json_of(answer: httpx.Response) -> Any:
    try:
        return exact_json.loads(answer.content)
    except ValueError:
        return NOT_JSON


def _gateway_problem(answer: httpx.Response, message: str) -> dict[str, Any]:
    title = answer.reason_phrase or "Refused"
    return {"type": "about:blank", "title": title, "status": answer.status_code, "detail": message}


def media_type(answer: httpx.Response) -> str:
    content_type: str = answer.headers.get("Content-Type", "")
    return content_type.partition(";")[0].strip().lower()


def camel(name: str) -> str:
    """``created_after`` → ``createdAfter``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def without_none(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def _http_client(url: str, token: str, timeout: float, transport: Transport | None) -> httpx.Client:
    """The environment's proxy is not used for addresses of this machine."""
    parsed = deployment_url(url)
    authorization = f"Bearer {token_text(token)}"
    try:
        return httpx.Client(
            base_url=parsed,
            headers={"Authorization": authorization},
            timeout=timeout,
            transport=transport,
            trust_env=not is_this_machine(parsed.host),
            verify=_system_trust(),
        )
    except (httpx.InvalidURL, ValueError, ImportError) as error:  # a proxy's URL, or a package that the proxy needs
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
