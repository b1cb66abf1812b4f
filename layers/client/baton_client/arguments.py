"""Arguments of calls as parts of a request. A bad one is refused here, before anything is sent.

Raises (all functions): BadArgument, BadArgumentType.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from baton_client import exact_json
from baton_client.errors import BadArgument, BadArgumentType


def segment(value: str, name: str) -> str:
    """``value`` quoted as one segment of a path. ``name`` is the argument's."""
    _require_text(value, name)
    if value in ("", ".", ".."):
        raise BadArgument(f"{name} cannot be {value!r}.")
    return quote(value, safe="")


def query_text(value: Any, name: str) -> str:
    """``value`` in a query."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    _require_text(value, name)
    return str(value)


def header_text(value: str, name: str) -> str:
    """``value`` as a header."""
    _require_text(value, name)
    if not (value.isascii() and value.isprintable() and value == value.strip()):
        raise BadArgument(f"{name} must be printable ASCII text without spaces around it, not {value!r}.")
    return value


def token_text(value: str) -> str:
    """``value`` as a bearer token. The message does not show it: it is a secret."""
    if not isinstance(value, str):
        raise BadArgumentType(f"token must be text, not {type(value).__name__}.")
    if not (value and value.isascii() and value.isprintable() and " " not in value):
        raise BadArgument("token must be ASCII text without spaces and line ends.")
    return value


def json_body(fields: Mapping[str, Any]) -> bytes:
    try:
        return exact_json.dumps(fields).encode()
    except RecursionError:
        raise BadArgument("The values of an argument are nested too deep, or contain themselves.") from None
    except ValueError as error:
        raise BadArgument(f"{error}.") from None
    except TypeError as error:
        raise BadArgumentType(f"{error}.") from None


def deployment_url(url: str) -> httpx.URL:
    """The URL of a deployment."""
    _require_text(url, "url")
    try:
        parsed = httpx.URL(url.rstrip("/"))
    except httpx.InvalidURL as error:
        raise BadArgument(f"url {url!r} is no URL: {error}.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise BadArgument(f"url must be like https://baton.example.com, not {url!r}.")
    return parsed


def _require_text(value: Any, name: str) -> None:
    if not isinstance(value, str):
        raise BadArgumentType(f"{name} must be text, not {value!r}.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadArgument(f"{name} {value!r} is not Unicode text.") from None
