"""The values that answers leave out because they are too large, and other raw contents."""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from typing import Any, NotRequired, TypedDict

import httpx

from baton_client import exact_json
from baton_client.arguments import segment
from baton_client.connection import Connection
from baton_client.errors import BadArgument

PART_BYTES = 2 * 1024 * 1024  # the most that one answer has
_SIZE = re.compile(r"bytes (?:\*|\d+-\d+)/(\d+)")


class Omitted(TypedDict):
    """A value that is None in an answer, because the answer would be too large. ``pointer`` (RFC 6901) is its place
    there. ``Contents.read`` gets it from ``url``; None: the deployment does not store the value."""

    pointer: str
    bytes: int
    sha256: str
    url: str | None


class FittedAnswer(TypedDict):
    """``omitted`` names the values that the answer leaves out."""

    omitted: NotRequired[list[Omitted]]


class Contents:
    """``client.contents``. ``Client`` names the errors of its methods. Every method gets large content in parts, and
    checks the digest of the whole."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, omitted: Omitted) -> bytes:
        """The bytes of a value that an answer left out: JSON, except the content of a deliverable.

        Raises BadArgument if the deployment does not store the value.
        """
        if omitted["url"] is None:
            raise BadArgument(f"The deployment does not store the value at {omitted['pointer']}.")
        return self.get(omitted["url"])

    def get(self, url: str) -> bytes:
        """The bytes at the ``url`` of an omitted value. It must be a path of this deployment."""
        if not url.startswith("/") or url.startswith("//"):
            raise BadArgument(f"The URL must be a path of the deployment, such as /deliverables/…, not {url!r}.")
        return self._whole(url)

    def output(self, run_id: str, step_id: str, name: str, *, attempt: int | None = None) -> Any:
        """One output of a step, as other steps see it, or of one attempt."""
        path = f"/orchestrations/runs/{segment(run_id, 'run_id')}/steps/{segment(step_id, 'step_id')}"
        query = "" if attempt is None else f"?attempt={int(attempt)}"
        return exact_json.loads(self._whole(f"{path}/outputs/{segment(name, 'name')}{query}"))

    def _whole(self, path: str) -> bytes:
        answer = self._part(path)
        size = _size_of(answer)
        if answer.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not size:
            self._connection.raise_refusal(answer)
            return answer.content
        content, digest = b"", ""
        while len(content) < size:
            answer = self._part(path, {"Range": f"bytes={len(content)}-{len(content) + PART_BYTES - 1}"})
            self._connection.raise_refusal(answer)
            if answer.status_code != HTTPStatus.PARTIAL_CONTENT or _size_of(answer) != size or not answer.content:
                raise self._connection.foreign_answer_error(answer, "no part of the content")
            content += answer.content
            digest = answer.headers.get("ETag", "").strip('"')
        if digest != hashlib.sha256(content).hexdigest():
            raise self._connection.foreign_answer_error(answer, "parts of a content that has changed; read it again")
        return content

    def _part(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self._connection.send("GET", path, headers={"Accept": "*/*", **(headers or {})})


def _size_of(answer: httpx.Response) -> int | None:
    """The size of the whole, which ``Content-Range`` names."""
    match = _SIZE.fullmatch(answer.headers.get("Content-Range", ""))
    return int(match[1]) if match else None
