"""Requests: the types of the parameters and fields that routes declare, and the reading of bodies."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from baton import exact_json, storable
from baton.api.problems import MediaTypeUnknown, TooLarge
from baton.budgets import (
    MAX_MODIFICATIONS_BYTES,
    MAX_PARAMETERS_BYTES,
    MAX_SOURCE_CHARACTERS,
    MAX_TEXT_BYTES,
    too_large,
)
from baton.errors import FieldProblem, Invalid, Malformed, NotFound
from baton.model import EventType, Role
from baton.words import Word

MAX_BODY_BYTES = 1024 * 1024  # bytes; an HTTP API would take 10 MiB, and a Lambda function 6
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
NOUNS = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number",
         Decimal: "a number", type(None): "null"}  # fmt: skip


class Body(BaseModel):
    """A JSON object of a request: camelCase, without coercion. An unknown field is an error, because it may be
    misspelt."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, validate_by_alias=True, defer_build=True
    )


NOT_BLANK = r"\S"
VISIBLE_ASCII = r"^[ -~]+$"
Text = Annotated[str, Field(min_length=1, pattern=NOT_BLANK)]
Object = dict[str, Any]


def _short(value: str) -> str:
    size = len(value.encode())
    if size > MAX_TEXT_BYTES:
        raise ValueError(f"has {size:,} bytes; the limit is {MAX_TEXT_BYTES:,}")
    return value


def _at_most(most: int) -> Callable[[Object], Object]:
    def check(value: Object) -> Object:
        if problem := too_large(value, most):
            raise ValueError(problem)
        return value

    return check


Note = Annotated[str, AfterValidator(_short), Field(json_schema_extra={"maxLength": MAX_TEXT_BYTES})]
"""A person's note to a decision or an action. Its limit is in bytes of UTF-8."""
Modifications = Annotated[Object, AfterValidator(_at_most(MAX_MODIFICATIONS_BYTES))]
"""A person's changes to the input of a step."""
Parameters = Annotated[Object, AfterValidator(_at_most(MAX_PARAMETERS_BYTES))]
"""The parameters of a launch, as they are sent."""


def identifier(value: str, noun: str) -> str:
    """The id in its canonical spelling. Raises NotFound if it is not a UUID, because then nothing can have it."""
    try:
        return str(UUID(value))
    except ValueError as error:
        raise NotFound(f"There is no {noun} {value}.") from error


def is_slug(value: str) -> bool:
    return _SLUG.fullmatch(value) is not None


def slug(value: str, noun: str) -> str:
    if not is_slug(value):
        raise NotFound(f"There is no {noun} `{value}`.")
    return value


def _named(check: Callable[[str, str], str], noun: str) -> AfterValidator:
    """A validator that raises NotFound, which pydantic passes on: it collects only ValueErrors."""
    return AfterValidator(lambda value: None if value is None else check(value, noun))


_UUID: dict[str, Any] = {"format": "uuid"}
RunId = Annotated[str, _named(identifier, "run"), Path(json_schema_extra=_UUID)]
ApprovalId = Annotated[str, _named(identifier, "approval"), Path(json_schema_extra=_UUID)]
DeliverableId = Annotated[str, _named(identifier, "deliverable"), Path(json_schema_extra=_UUID)]
EffectId = Annotated[str, _named(identifier, "effect"), Path(json_schema_extra=_UUID)]
UserId = Annotated[str, _named(identifier, "user"), Path(json_schema_extra=_UUID)]
ServiceTokenId = Annotated[str, _named(identifier, "service token"), Path(json_schema_extra=_UUID)]
WebhookId = Annotated[str, _named(identifier, "webhook"), Path(json_schema_extra=_UUID)]
DeliveryId = Annotated[str, _named(identifier, "delivery"), Path(json_schema_extra=_UUID)]
OrganizationSlug = Annotated[str, _named(slug, "organisation"), Path()]
AgentSlug = Annotated[str, _named(slug, "agent"), Path()]
OrchestrationName = Annotated[str, _named(slug, "orchestration"), Path()]

Roles = Annotated[list[Word[Role]], Field(min_length=1)]
EventTypes = Annotated[list[Word[EventType]], AfterValidator(lambda types: list(dict.fromkeys(types)))]
"""A set, in the order in which it is sent."""
SlugField = Annotated[Text, _named(slug, "organisation")]

OrganizationQuery = Annotated[
    str | None,
    _named(slug, "organisation"),
    Query(alias="organization", description="Only of this organisation; without it, of all that you are a member of."),
]


def _trimmed(value: Any) -> Any:
    """A header without the spaces around it; None if it is blank."""
    return (value.strip() or None) if isinstance(value, str) else value


ActingOrganization = Annotated[
    str | None,
    BeforeValidator(_trimmed),
    _named(slug, "organisation"),
    Header(
        alias="Baton-Organization",
        description="Your organisation in which an agent of `global` acts; needed if you are a member of several.",
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=VISIBLE_ASCII,
        description="A second request with the same key answers with the run of the first.",
    ),
]


RangeHeader = Annotated[
    str | None, Header(alias="Range", description="One part of the content, such as `bytes=0-2097151`.")
]


def _moment(value: Any) -> datetime:
    """A moment from text with a time zone. pydantic would also accept numbers, and text without a zone."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("must be a moment with its time zone, such as 2027-01-31T12:00:00Z")
    return moment


Moment = Annotated[
    datetime,
    BeforeValidator(_moment, json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "date-time"})]),
]


def body(event: APIGatewayProxyEventV2) -> Object:
    """The request's JSON object. Raises Malformed for any other body, TooLarge for a large one."""
    try:
        value = exact_json.loads(_body_text(event))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The body is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise Malformed(f"The body must be a JSON object, not {NOUNS[type(value)]}.")
    if unstorable := storable.problem(value):
        path, why = unstorable
        raise Malformed(f"In the body, {'.'.join(map(str, path[:9]))} {why}.")
    return value


class SourceBody(Body):
    organization: SlugField
    source: Annotated[Text, Field(max_length=MAX_SOURCE_CHARACTERS)]


def yaml_source(event: APIGatewayProxyEventV2, organization: str | None) -> tuple[str, str]:
    """Organisation and YAML text: a YAML body with ``?organization=``, or a JSON body with both as fields."""
    kind = (event.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind in YAML_TYPES:
        try:
            source = _body_text(event)
        except ValueError as error:
            raise Malformed(f"The body is not UTF-8 text: {error}.") from error
        if organization is None:
            raise Invalid("The query is not valid", [FieldProblem("organization", "is required")])
        return organization, source
    if kind != "application/json":
        raise MediaTypeUnknown(
            f"Send {YAML_TYPES[0]}, or application/json with the field `source`, not {kind or 'nothing'}."
        )
    try:
        fields = SourceBody.model_validate(body(event))
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    return fields.organization, fields.source


def lowered(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _body_text(event: APIGatewayProxyEventV2) -> str:
    text = event.body or ""
    try:
        body = base64.b64decode(text, validate=True) if event.is_base64_encoded else text.encode()
    except binascii.Error as error:
        raise ValueError("its base64 form is broken") from error
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"The body has {len(body)} bytes; the limit is {MAX_BODY_BYTES}.")
    return body.decode()
