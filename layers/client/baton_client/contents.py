"""The values that answers leave out because they are too large, and other raw contents."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypedDict

import httpx

from baton_client import exact_json
from baton_client.arguments import segment
from baton_client.connection import Connection
from baton_client.errors import BadArgument

MAX_PART_BYTES = 2 * 1024 * 1024  # the most that one answer has
_SIZE = re.compile(r"bytes (?:\*|\d+-\d+)/(\d+)")


class Omitted(TypedDict):
    """What an answer does not have, because it would be too large. ``pointer`` (RFC 6901) is its place there.

    With ``count``: so many elements of a list, of which ``url`` answers a page. Otherwise a value that is None in the
    answer, which ``Contents.read`` gets from ``url``; None: the deployment does not store it. ``bytes`` and ``sha256``
    are None if the answer leaves out more than the deployment had time to read.
    """

    pointer: str
    count: int | None
    bytes: int | None
    sha256: str | None
    url: str | None


class FittedAnswer(TypedDict):
    """``omitted`` names what the answer leaves out."""

    omitted: list[Omitted]


class Contents:
    """``client.contents``. ``Client`` names the errors of its methods. Every method gets large content in parts, and
    checks the digest of the whole."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, omitted: Omitted) -> bytes:
        """The bytes of a value that an answer left out: JSON, except the content of a deliverable. Of a list, the
        bytes of the first page of the elements that are left out.

        Raises BadArgument if the deployment does not store the value.
        """
        if omitted["url"] is None:
            raise BadArgument(f"The deployment does not store the value at {omitted['pointer']}.")
        return self.fetch(omitted["url"])

    def fetch(self, url: str) -> bytes:
        """The bytes at a ``url`` in ``omitted``: a value, or a page of a list."""
        return self._whole(_checked(url), may_be_list=True)

    def get(self, url: str) -> bytes:
        """The bytes at the ``url`` of an omitted value. It must be a path of this deployment."""
        return self._whole(_checked(url))

    def output(self, run_id: str, step_id: str, name: str, *, attempt: int | None = None) -> Any:
        """One output of a step, as other steps see it, or of one attempt."""
        path = f"/orchestrations/runs/{segment(run_id, 'run_id')}/steps/{segment(step_id, 'step_id')}"
        return exact_json.loads(self._whole(f"{path}/outputs/{segment(name, 'name')}", {"attempt": attempt}))

    def run_value(self, run_id: str, pointer: str) -> Any:
        """Another value of a run. ``pointer`` is that of an ``url`` in ``omitted``."""
        path = f"/orchestrations/runs/{segment(run_id, 'run_id')}/values"
        return exact_json.loads(self._whole(path, {"pointer": pointer}))

    def definition_value(self, name: str, pointer: str, *, version: str, organization: str) -> Any:
        """A value of a version of a definition. ``pointer`` is that of an ``url`` in ``omitted``."""
        path = f"/orchestrations/definitions/{segment(name, 'name')}/values"
        query = {"organization": organization, "version": version, "pointer": pointer}
        return exact_json.loads(self._whole(path, query))

    def agent_value(self, slug: str, pointer: str, *, organization: str) -> Any:
        """A value of an agent. ``pointer`` is that of an ``url`` in ``omitted``."""
        path, query = f"/agents/{segment(slug, 'slug')}/values", {"organization": organization, "pointer": pointer}
        return exact_json.loads(self._whole(path, query))

    def _whole(self, path: str, query: Mapping[str, Any] | None = None, *, may_be_list: bool = False) -> bytes:
        content = b""
        while True:
            answer = self._part(path, query, len(content))
            size = _size_of(answer)
            if size == 0:
                return b""
            self._connection.raise_refusal(answer)
            if answer.status_code != HTTPStatus.PARTIAL_CONTENT:
                content = answer.content
                if may_be_list and "Accept-Ranges" not in answer.headers:
                    return content
                break
            content += answer.content
            if size is None or not answer.content or len(content) > size:
                raise self._connection.foreign_answer_error(answer, "no part of the content")
            if len(content) == size:
                break
        if answer.headers.get("ETag", "").strip('"') != hashlib.sha256(content).hexdigest():
            raise self._connection.foreign_answer_error(
                answer, "a content without its digest, or one that changed meanwhile"
            )
        return content

    def _part(self, path: str, query: Mapping[str, Any] | None, start: int) -> httpx.Response:
        headers = {"Accept": "*/*", "Range": f"bytes={start}-{start + MAX_PART_BYTES - 1}"}
        return self._connection.send("GET", path, query=query, headers=headers)


def _checked(url: str) -> str:
    if not url.startswith("/") or url.startswith("//"):
        raise BadArgument(f"The URL must be a path of the deployment, such as /deliverables/…, not {url!r}.")
    return url


def _size_of(answer: httpx.Response) -> int | None:
    """The size of the whole, which ``Content-Range`` names."""
    match = _SIZE.fullmatch(answer.headers.get("Content-Range", ""))
    return int(match[1]) if match else None
