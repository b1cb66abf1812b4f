"""Errors as RFC 9457 problem details. Only this module gives an error class its status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from baton import errors, exact_json
from baton.api.identity import IdentityUnavailable

CONTENT_TYPE = "application/problem+json"
MAX_PART_BYTES = 2 * 1024 * 1024  # of one answer with raw content
MAX_MESSAGE_CHARACTERS = 1_000  # of a message about one field, which may repeat what the caller sent
MAX_DETAIL_CHARACTERS = 4_000


class RouteUnknown(errors.NotFound):
    """There is no route with this path."""


class MethodNotAllowed(errors.BatonError):
    """The path has no route with this method; ``allowed`` lists its methods."""

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{method} is not possible here; use {' or '.join(allowed)}.")
        self.allowed = allowed


class MediaTypeUnknown(errors.BatonError):
    """This route does not read bodies of this media type."""


class TooLarge(errors.BatonError):
    """The body has too many bytes."""


class RangeUnsatisfiable(errors.BatonError):
    """The range begins after the end of the content, which has ``size`` bytes."""

    def __init__(self, size: int, message: str | None = None) -> None:
        super().__init__(message or f"The content has {size} bytes; the range begins after its end.")
        self.size = size


class RangeNeeded(RangeUnsatisfiable):
    """The content is too large for one answer."""

    def __init__(self, size: int) -> None:
        super().__init__(
            size,
            f"The content has {size} bytes, and one answer at most {MAX_PART_BYTES}; "
            f"ask for it in parts, with `Range: bytes=0-{MAX_PART_BYTES - 1}` first.",
        )


@dataclass(frozen=True)
class Kind:
    """The problem of one class of errors. ``is_public`` is False if callers must not see the error's message."""

    status: HTTPStatus
    slug: str
    title: str
    is_public: bool = True


KINDS: Mapping[type[BaseException], Kind] = {
    errors.Unauthenticated: Kind(HTTPStatus.UNAUTHORIZED, "unauthenticated", "A valid bearer token is needed"),
    errors.Forbidden: Kind(HTTPStatus.FORBIDDEN, "forbidden", "A role is missing"),
    errors.NoOrganization: Kind(HTTPStatus.FORBIDDEN, "no-organization", "A membership is missing"),
    errors.NotFound: Kind(HTTPStatus.NOT_FOUND, "not-found", "Not found"),
    MethodNotAllowed: Kind(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed"),
    TooLarge: Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", "The request is too large"),
    MediaTypeUnknown: Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Media type not supported"),
    RangeUnsatisfiable: Kind(
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "range-not-satisfiable", "The content has no such part"
    ),
    RangeNeeded: Kind(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "range-needed", "The content is sent in parts"),
    errors.Conflict: Kind(HTTPStatus.CONFLICT, "conflict", "The request contradicts the record"),
    errors.Malformed: Kind(HTTPStatus.BAD_REQUEST, "malformed", "The request cannot be read"),
    errors.Invalid: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The request is not valid"),
    errors.RunEnded: Kind(HTTPStatus.CONFLICT, "run-ended", "The run has ended"),
    errors.StaleGeneration: Kind(HTTPStatus.CONFLICT, "stale-generation", "A newer execution has taken over"),
    errors.LaunchRefused: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "launch-refused", "The run was not launched"),
    errors.NotLaunched: Kind(HTTPStatus.CONFLICT, "not-launched", "The execution belongs to no run"),
    errors.WrongMachine: Kind(HTTPStatus.CONFLICT, "wrong-machine", "The run is pinned to another state machine"),
    errors.StepNotReady: Kind(HTTPStatus.CONFLICT, "step-not-ready", "Something that the step waits for is not done"),
    errors.ChildMovedOn: Kind(HTTPStatus.CONFLICT, "child-moved-on", "The child run goes on in its next execution"),
    errors.AttemptInProgress: Kind(HTTPStatus.CONFLICT, "attempt-in-progress", "The same attempt is still at work"),
    errors.CheckpointNotExpired: Kind(
        HTTPStatus.CONFLICT, "checkpoint-not-expired", "The checkpoint still waits for a person"
    ),
    errors.StepFailed: Kind(HTTPStatus.CONFLICT, "step-failed", "The step failed"),
    errors.StepExhausted: Kind(HTTPStatus.CONFLICT, "step-exhausted", "The step failed for good"),
    errors.TaskGone: Kind(HTTPStatus.CONFLICT, "task-gone", "Nothing waits for this any more"),
    errors.AgentCallFailed: Kind(HTTPStatus.BAD_GATEWAY, "agent-call-failed", "An agent did not do its part"),
    errors.AddressRefused: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "address-refused", "No agent may be called there"),
    errors.StoreUnavailable: Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "store-unavailable", "The record cannot be reached", is_public=False
    ),
    errors.ResultNotRecorded: Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "result-not-recorded", "The record could not take a result", is_public=False
    ),
    errors.AgentThrottled: Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "agent-throttled", "There is no room for the agent now"
    ),
    errors.ApprovalUnavailable: Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "approval-unavailable", "No decision can be taken now", is_public=False
    ),
    errors.EngineUnavailable: Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "engine-unavailable", "Step Functions cannot be reached", is_public=False
    ),
    errors.WebhookKeyUnavailable: Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "webhook-key-unavailable", "No secret can be made now", is_public=False
    ),
    IdentityUnavailable: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "identity-unavailable", "Tokens cannot be checked now"),
    errors.SettingMissing: Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR, "setting-missing", "This deployment is not set up", is_public=False
    ),
}
UNEXPECTED = Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong here", is_public=False)
_GENERAL_DETAILS = {
    HTTPStatus.SERVICE_UNAVAILABLE: "Try again in a moment.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "It has been logged; the request id helps to find it.",
}


def kind_of(error: BaseException) -> Kind:
    """The problem of the error's class, or of its nearest base class that has a problem."""
    for cls in type(error).__mro__:
        if cls in KINDS:
            return KINDS[cls]
    return UNEXPECTED


def type_of(kind: Kind) -> str:
    """The stable name by which programs distinguish problems."""
    return f"urn:problem-type:baton:{kind.slug}"


def problem(error: BaseException, instance: str) -> dict[str, Any]:
    kind = kind_of(error)
    message = str(error) if kind.is_public else ""
    members: dict[str, Any] = {
        "type": type_of(kind),
        "title": kind.title,
        "status": int(kind.status),
        "detail": _sentence(_short(message, MAX_DETAIL_CHARACTERS))
        if message
        else _GENERAL_DETAILS.get(kind.status, f"{kind.title}."),
        "instance": instance,
    }
    if isinstance(error, errors.Invalid):
        members["errors"] = [_entry(one) for one in error.problems]
    return members


def _entry(one: errors.FieldProblem) -> dict[str, Any]:
    field, message = _short(one.field, MAX_MESSAGE_CHARACTERS), _short(one.message, MAX_MESSAGE_CHARACTERS)
    entry: dict[str, Any] = {"field": field, "message": message}
    if isinstance(one, errors.SourceProblem):
        entry |= {"line": one.line, "column": one.column, "suggestion": one.suggestion}
    return entry


def response(error: BaseException, instance: str, dialect: Mapping[str, Any] | None = None) -> Response[str]:
    """The HTTP answer to an error. ``dialect`` has the two further members of the agent-to-agent dialect."""
    members = {**problem(error, instance), **(dialect or {})}
    return Response(
        status_code=members["status"],
        content_type=CONTENT_TYPE,
        body=exact_json.dumps(members),
        headers=_headers(error),
    )


def _short(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _headers(error: BaseException) -> dict[str, str | list[str]]:
    status = kind_of(error).status
    if status is HTTPStatus.UNAUTHORIZED:
        # RFC 6750: without a token in the request, the answer has only the scheme; with a bad one, also the error.
        has_token = getattr(error, "token_was_sent", False)
        return {"WWW-Authenticate": 'Bearer realm="baton"' + (', error="invalid_token"' if has_token else "")}
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}
    if isinstance(error, RangeUnsatisfiable):
        return {"Accept-Ranges": "bytes", "Content-Range": f"bytes */{error.size}"}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": "2"}
    return {}
