"""The errors of calls. ``str(error)`` is a message for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast


class FieldError(TypedDict):
    """The problem with one field of a request. ``line``, ``column`` and ``suggestion`` belong to published files."""

    field: str
    message: str
    line: NotRequired[int | None]
    column: NotRequired[int | None]
    suggestion: NotRequired[str | None]


class BatonClientError(Exception):
    """The base class of all errors of this package."""


class BadArgument(BatonClientError, ValueError):
    """An argument has a value that no request can have. Nothing was sent. The message names the argument."""


class BadArgumentType(BatonClientError, TypeError):
    """An argument has a type that no request can have. Nothing was sent. The message names the argument."""


class OrganizationMissing(BatonClientError):
    """The call needs an organisation. Neither the call nor the client names one."""

    def __init__(self) -> None:
        super().__init__("Name the organisation: in the call, or as Client(…, organization=…).")


class Unreachable(BatonClientError):
    """Nothing answers at the URL, or another program than Baton answers.

    ``url`` is the deployment's. ``reason`` says why there is no answer; it is None if another program answers.
    """

    def __init__(self, message: str, *, url: str | None = None, reason: str | None = None) -> None:
        super().__init__(message)
        self.url, self.reason = url, reason


class Refused(BatonClientError):
    """The API refused the request with a problem document (RFC 9457). ``type`` is stable: programs compare it.

    ``status`` is None only in a document that has none and came without an answer.
    """

    def __init__(self, problem: Mapping[str, Any], status: int | None = None) -> None:
        """``status`` is the answer's, for a problem that names none."""
        self.problem = dict(problem)
        self.type = str(problem.get("type", "about:blank"))
        self.title = str(problem.get("title", "Refused"))
        named = problem.get("status")
        self.status: int | None = named if isinstance(named, int) else status
        self.detail = str(problem.get("detail", ""))
        errors = problem.get("errors")
        self.errors: list[FieldError] = list(map(_field_error, errors)) if isinstance(errors, list) else []
        super().__init__(self._message())

    def _message(self) -> str:
        """The title and the detail, then a line for each field."""
        fields = [f"{error['field']}: {error['message']}" for error in self.errors]
        # The API ends the detail with the fields, which have their own lines here.
        before = self.detail.partition("; ".join(fields))[0].rstrip(" :") if fields else self.detail
        first = self.title if before in ("", self.title) else f"{self.title}: {before}"
        return "\n".join([f"{first}:", *(f"  {field}" for field in fields)]) if fields else first


class GatewayRefused(Refused):
    """The gateway in front of the API refused the request, or could not get an answer of the API: for example 413, 429
    or 503. ``type`` is ``about:blank``: programs compare ``status``."""


def _field_error(entry: Any) -> FieldError:
    """An entry of ``errors``. Where it is not as the API writes it, its text is the message."""
    if isinstance(entry, Mapping) and {"field", "message"} <= entry.keys():
        return cast(FieldError, dict(entry))
    message = entry.get("message", entry.get("detail", entry)) if isinstance(entry, Mapping) else entry
    return {"field": "request", "message": str(message)}
