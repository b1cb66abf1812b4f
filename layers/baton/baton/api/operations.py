"""The declaration of a route. Its documentation is the handler's docstring, its answers and its refusals."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, NotRequired, TypeVar

from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from baton import errors
from baton.api import problems
from baton.api.problems import TooLarge

Handler = TypeVar("Handler", bound=Callable[..., Any])

JSON = "application/json"
_SENDS_A_BODY = ("post", "put", "patch")


class FieldError(TypedDict):
    """A problem of one field. Only problems of files have the last three."""

    field: str
    message: str
    line: NotRequired[int | None]
    column: NotRequired[int | None]
    suggestion: NotRequired[str | None]


class Problem(TypedDict):
    """RFC 9457 problem details: why a request failed. Programs distinguish problems by ``type``. ``errors`` name the
    fields of an invalid request; ``success`` and ``mode`` belong to the agent-to-agent dialect."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: NotRequired[list[FieldError]]
    success: NotRequired[bool]
    mode: NotRequired[str | None]


class GatewayMessage(TypedDict):
    """An answer of API Gateway itself, before or instead of this API."""

    message: str


def operation(
    register: Callable[..., Callable[[Handler], Handler]],
    path: str,
    *,
    tag: str,
    answers: Mapping[int, Any],
    refuses: Iterable[type[errors.BatonError]] = (),
    extensions: Mapping[str, Any] | None = None,
) -> Callable[[Handler], Handler]:
    """Registers a handler (by ``app.get``, ``app.post`` …) for a path.

    Args:
        answers: status → the type of its JSON, or media type → type, or None for an answer without a body.
        refuses: errors of this operation, beside those of every operation.
        extensions: further members of the OpenAPI operation, such as ``resolver.OPEN``.
    """

    def decorate(handler: Handler) -> Handler:
        summary, _, description = inspect.cleandoc(handler.__doc__ or "").partition("\n\n")
        refused = {*refuses, *_refused_by_all(register.__name__, extensions or {})}
        register(
            path,
            operation_id=to_camel(handler.__name__),
            summary=summary.rstrip("."),
            description=description or None,
            tags=[tag],
            responses={**_refusals(refused), **{status: _answer(status, kind) for status, kind in answers.items()}},
            openapi_extensions=dict(extensions) if extensions else None,
        )(handler)
        return handler

    return decorate


def _refused_by_all(method: str, extensions: Mapping[str, Any]) -> Iterable[type[BaseException]]:
    yield from (errors.Invalid, errors.StoreUnavailable, RuntimeError)
    if method in _SENDS_A_BODY:
        yield from (errors.Malformed, TooLarge)
    if extensions.get("security") != []:
        yield errors.Unauthenticated


def _answer(status: int, kind: Any) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if kind is None:
        return {**described, "content": {}}
    by_type = kind if isinstance(kind, Mapping) else {JSON: kind}
    return {**described, "content": {media_type: {"model": model} for media_type, model in by_type.items()}}


def _refusals(refused: Iterable[type[BaseException]]) -> dict[int, Any]:
    """Status → its description. A status that API Gateway can answer by itself has a second form."""
    kinds = {problems.kind_of(error()) if error is RuntimeError else problems.KINDS[error] for error in refused}
    responses: dict[int, Any] = {}
    for status in sorted({int(kind.status) for kind in kinds} | {HTTPStatus.TOO_MANY_REQUESTS}):
        own = sorted((kind for kind in kinds if kind.status == status), key=lambda kind: kind.slug)
        sentences = [f"{kind.title} (`{problems.type_of(kind)}`)." for kind in own]
        content: dict[str, Any] = {problems.CONTENT_TYPE: {"model": Problem}} if own else {}
        if status in _OF_THE_GATEWAY:
            sentences.append(_OF_THE_GATEWAY[status])
            content[JSON] = {"model": GatewayMessage}
        responses[status] = {"description": " ".join(sentences), "content": content}
    return responses


_OF_THE_GATEWAY = {
    413: "API Gateway answers by itself for more than 10 MB.",
    429: "API Gateway answers by itself: too many requests at once.",
    500: "API Gateway answers by itself when the function crashed.",
    503: "API Gateway answers by itself when the function took too long.",
}
