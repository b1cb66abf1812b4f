"""The deployment that the command talks to: where it is, who we are there, and one request at a time."""

from __future__ import annotations

import http.client
import ipaddress
import shlex
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from baton import exact_json

SETTINGS = ("BATON_URL", "BATON_TOKEN", "BATON_ORG", "DATABASE_URL", "OWNER_URL")
TIMEOUT_SECONDS = 35  # a little more than an HTTP API lets its function take
EVENT_STREAM = "text/event-stream"
START_IT = "start the local stack with `make up`, or set BATON_URL and BATON_TOKEN"


class CommandFailed(Exception):
    """What was asked cannot be done. ``str`` is what to tell the person; ``exit_code`` what to tell the shell."""

    exit_code = 1


class Unreachable(CommandFailed):
    """There is no deployment, or it does not answer as one."""

    exit_code = 3


class Refused(CommandFailed):
    """The deployment answered with a problem document (RFC 9457)."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = dict(problem)
        lines = [f"{problem.get('title', 'Refused')}: {_detail(problem)}"]
        lines += [f"  {item['field']}: {item['message']}" for item in problem.get("errors", [])]
        super().__init__("\n".join(lines))


def _detail(problem: Mapping[str, Any]) -> str:
    """The detail, without the fields where they are listed below it."""
    detail = str(problem.get("detail", ""))
    fields = "; ".join(f"{item['field']}: {item['message']}" for item in problem.get("errors", []))
    return detail.partition(fields)[0].rstrip(" :") + ":" if fields else detail


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    text: str


Send = Callable[[urllib.request.Request], Answer]


def read_settings(environ: Mapping[str, str], checkout: Path) -> dict[str, str]:
    """What the environment says, over ``.baton/env`` of the checkout, which the running local stack writes.

    A token belongs to its deployment: if the environment names another URL, the file's token is not sent there.
    """
    settings: dict[str, str] = {}
    file = checkout / ".baton" / "env"
    if file.is_file():
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        pairs = (line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("#"))
        try:
            settings = {name: "".join(shlex.split(value)) for name, value in pairs}  # quoted where a shell needs it
        except ValueError as error:
            raise CommandFailed(f"{file} is broken ({error}): start the local stack anew.") from error
    given = {name: environ[name] for name in SETTINGS if environ.get(name)}
    if given.get("BATON_URL", settings.get("BATON_URL")) != settings.get("BATON_URL"):
        settings = {}
    return {**settings, **given}


class Deployment:
    """Raises (all methods): Unreachable, Refused."""

    def __init__(self, url: str, token: str, send: Send | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._send = send or send_over_http

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Deployment:
        if not settings.get("BATON_URL"):
            raise Unreachable(f"No deployment is known: {START_IT}.")
        if not settings["BATON_URL"].startswith(("http://", "https://")):
            raise Unreachable(f"BATON_URL must begin with https:// (or http://), not {settings['BATON_URL']!r}.")
        if not settings.get("BATON_TOKEN"):
            raise Unreachable(f"BATON_URL is {settings['BATON_URL']}, but there is no BATON_TOKEN to go with it.")
        return cls(settings["BATON_URL"], settings["BATON_TOKEN"])

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return self._read(self._ask("GET", path, query=query))

    def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Any:
        return self._read(self._ask("POST", path, body=exact_json.dumps(body).encode(), headers=headers))

    def event_stream(self, path: str, last_id: str) -> str | None:
        """One connection's ``text/event-stream``, of what came after ``last_id``; None if there is no more to come."""
        headers = {"Accept": EVENT_STREAM, **({"Last-Event-ID": last_id} if last_id else {})}
        answer = self._ask("GET", path, headers=headers)
        if answer.status == HTTPStatus.NO_CONTENT:
            return None
        if answer.status != HTTPStatus.OK:
            self._read(answer)
        if answer.status != HTTPStatus.OK or answer.content_type.partition(";")[0] != EVENT_STREAM:
            raise Unreachable(f"{self.url} answered {answer.status} and no events: is it a deployment of Baton?")
        return answer.text

    def through(self, sent: Callable[[Send], Send]) -> Deployment:
        """The same deployment, asked in another way."""
        return Deployment(self.url, self._token, sent(self._send))

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._read(self._ask("PUT", path, body=exact_json.dumps(body).encode()))

    def delete(self, path: str) -> Any:
        """None where the deployment has nothing to tell."""
        return self._read(self._ask("DELETE", path))

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        asked = {name: str(value) for name, value in (query or {}).items() if value is not None}
        url = self.url + path + ("?" + urllib.parse.urlencode(asked) if asked else "")
        request = urllib.request.Request(url, data=body, method=method, headers=dict(headers or {}))
        if not request.has_header("Accept"):
            request.add_header("Accept", "application/json")
        request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            return self._send(request)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise Unreachable(f"Nothing answers at {self.url} ({reason}): {START_IT}.") from error

    def _read(self, answer: Answer) -> Any:
        if answer.status == HTTPStatus.NO_CONTENT:
            return None
        try:
            document = exact_json.loads(answer.text)
        except ValueError as error:
            raise Unreachable(
                f"{self.url} answered {answer.status} and no JSON: is it a deployment of Baton?"
            ) from error
        if answer.status < 400:
            return document
        if not answer.content_type.startswith("application/problem+json"):
            raise Unreachable(f"{self.url} answered {answer.status}: {answer.text}")
        raise Refused(document)


def segment(value: str) -> str:
    """One segment of a path, whatever was typed."""
    return urllib.parse.quote(value, safe="")


def send_over_http(request: urllib.request.Request) -> Answer:
    """Answers of any status; a proxy of the environment is not asked for this machine's own addresses."""
    handlers = [urllib.request.ProxyHandler({})] if _is_this_machine(request.host) else []
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return Answer(answer.status, answer.headers.get("Content-Type", ""), answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers.get("Content-Type", ""), error.read().decode(errors="replace"))


def _is_this_machine(host: str) -> bool:
    name = urllib.parse.urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
