"""The errors of calls. ``str(error)`` is a message for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict


class FieldError(TypedDict):
    """The problem with one field of a request. ``line``, ``column`` and ``suggestion`` belong to published files."""

    field: str
    message: str
    line: NotRequired[int | None]
    column: NotRequired[int | None]
    suggestion: NotRequired[str | None]


class BatonClientError(Exception):
    """The base class of all errors of this package."""


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
    """The API refused the request with a problem document (RFC 9457). ``type`` is stable: programs compare it."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = dict(problem)
        self.type = str(problem.get("type", "about:blank"))
        self.title = str(problem.get("title", "Refused"))
        self.status: int | None = problem.get("status")
        self.detail = str(problem.get("detail", ""))
        self.errors: list[FieldError] = list(problem.get("errors", []))
        super().__init__(self._message())

    def _message(self) -> str:
        """The title and the detail, then a line for each field."""
        fields = [f"{error['field']}: {error['message']}" for error in self.errors]
        if not fields:
            return f"{self.title}: {self.detail}"
        # The API ends the detail with the fields, which have their own lines here.
        before = self.detail.partition("; ".join(fields))[0].rstrip(" :")
        return "\n".join([f"{self.title}: {before}:", *(f"  {field}" for field in fields)])
