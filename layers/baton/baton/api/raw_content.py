"""The raw bytes of one value, with an ETag and single ranges (RFC 9110). An answer has at most ``MAX_PART_BYTES``."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from baton.api.problems import MAX_PART_BYTES, RangeNeeded, RangeUnsatisfiable
from baton.errors import Conflict, NotFound
from baton.ports.contents import ContentSource

_RANGE = re.compile(r"\s*bytes\s*=\s*(?P<first>\d{0,18})\s*-\s*(?P<last>\d{0,18})\s*", re.IGNORECASE)

REFUSES_RANGES = (Conflict, NotFound, RangeNeeded, RangeUnsatisfiable)


def raw_answers(content: Any) -> Mapping[int, Any]:
    """The answers of such a route, for ``operation``. ``content`` is media type → type."""
    return {HTTPStatus.OK: content, HTTPStatus.PARTIAL_CONTENT: content, HTTPStatus.NOT_MODIFIED: None}


def raw_content(headers: Mapping[str, str], source: ContentSource, media_type: str) -> Response[str]:
    """The whole content, or the part that ``Range`` asks for.

    200: the whole. 206: a part; a range of more than ``MAX_PART_BYTES`` gets its first bytes, which ``Content-Range``
    names. 304: the caller has this content (``If-None-Match``). As HTTP allows, it ignores ranges of another form,
    several ranges, and a range whose ``If-Range`` names another content.

    Raises:
        RangeNeeded: the whole is too large for one answer.
        RangeUnsatisfiable: the range begins after the end.
    """
    etag = f'"{source.sha256}"'
    described: dict[str, str | list[str]] = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    known = headers.get("if-none-match")
    if known is not None and (known.strip() == "*" or etag in (tag.strip() for tag in _tags(known))):
        return Response(HTTPStatus.NOT_MODIFIED, headers=described)
    part = _asked_part(headers, etag, source.size)
    if part is None:
        if source.size > MAX_PART_BYTES:
            raise RangeNeeded(source.size)
        content = source.read(0, source.size) if source.size else b""
        return _raw(HTTPStatus.OK, media_type, content, described)
    start, length = part
    described["Content-Range"] = f"bytes {start}-{start + length - 1}/{source.size}"
    return _raw(HTTPStatus.PARTIAL_CONTENT, media_type, source.read(start, length), described)


def _raw(status: HTTPStatus, media_type: str, content: bytes, headers: dict[str, str | list[str]]) -> Response[str]:
    """In base64, which the HTTP API decodes. Powertools itself would not do it for JSON."""
    response = Response(status, media_type, base64.b64encode(content).decode(), headers=headers)
    response.base64_encoded = True
    return response


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _asked_part(headers: Mapping[str, str], etag: str, size: int) -> tuple[int, int] | None:
    """Start and length of the range that the request asks for; None: it asks for the whole."""
    asked = _RANGE.fullmatch(headers.get("range") or "")
    if asked is None or headers.get("if-range", etag).strip() != etag:
        return None
    first, last = asked["first"], asked["last"]
    if not first and not last:
        return None
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    end = size if not (first and last) else min(size, int(last) + 1)
    if start >= end:
        raise RangeUnsatisfiable(size)
    return start, min(end - start, MAX_PART_BYTES)
