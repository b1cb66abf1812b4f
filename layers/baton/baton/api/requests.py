"""Reading requests: bodies, fields, ids and query parameters, each with an error that names what is wrong."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from baton import exact_json
from baton.api.problems import MediaTypeUnknown
from baton.errors import FieldProblem, Invalid, Malformed, NotFound

LONGEST_KEY = 255
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_KINDS: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    Decimal: "a number",
    type(None): "null",
}


class Fields:
    """The fields of one JSON object. Collects every problem; ``check`` raises them together."""

    def __init__(self, values: Mapping[str, Any], path: str = "", problems: list[FieldProblem] | None = None) -> None:
        self._values = values
        self._path = path
        self._problems = [] if problems is None else problems

    def text(self, name: str, *, required: bool = False, one_of: Sequence[str] | None = None) -> str | None:
        value: str | None = self._get(name, str, required)
        if required and value is not None and not value.strip():
            self._wrong(name, "is empty")
        elif one_of and value is not None and value not in one_of:
            self._wrong(name, f"must be one of {', '.join(one_of)}, not {value!r}")
        return value

    def flag(self, name: str) -> bool:
        """True only if it is given and true."""
        return self._get(name, bool, required=False) or False

    def object(self, name: str, *, required: bool = False) -> dict[str, Any]:
        """The object, or an empty one when it is absent."""
        return self._get(name, dict, required) or {}

    def fields(self, name: str, *, required: bool = False) -> Fields:
        """The fields of an object inside this one; their problems come out here."""
        return Fields(self.object(name, required=required), f"{self._path}{name}.", self._problems)

    def only(self, *names: str) -> None:
        """Refuse every field that is not one of these: a misspelt field must not be ignored silently."""
        for name in self._values:
            if name not in names:
                self._wrong(name, f"is not known here; the fields are {', '.join(names) or 'none'}")

    def check(self) -> None:
        if self._problems:
            raise Invalid("The request is not valid", self._problems)

    def _get(self, name: str, kind: type, required: bool) -> Any:
        value = self._values.get(name)
        if value is None:
            if required:
                self._wrong(name, "is required")
        elif not isinstance(value, kind):
            self._wrong(name, f"must be {_KINDS[kind]}, not {_KINDS[type(value)]}")
            return None
        return value

    def _wrong(self, name: str, message: str) -> None:
        self._problems.append(FieldProblem(self._path + name, message))


def body(event: APIGatewayProxyEventV2) -> dict[str, Any]:
    """The request's JSON object. Raises Malformed for anything else."""
    try:
        value = exact_json.loads(_body_text(event))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The body is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise Malformed(f"The body must be a JSON object, not {_KINDS[type(value)]}.")
    _refuse_unstorable(value)
    return value


def optional_body(event: APIGatewayProxyEventV2) -> dict[str, Any]:
    """The request's JSON object, or an empty one when there is no body. Raises Malformed for anything else."""
    return body(event) if event.body else {}


def yaml_source(event: APIGatewayProxyEventV2) -> tuple[str, str]:
    """Organisation and YAML text: the text as the body with ``?organization=``, or both as fields of a JSON body."""
    kind = (event.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind in YAML_TYPES:
        try:
            source = _body_text(event)
        except ValueError as error:
            raise Malformed(f"The body is not UTF-8 text: {error}.") from error
        organization = Query(event, "organization").organization()
        if organization is None:
            raise _invalid_query("organization", "is required")
        return organization, source
    if kind != "application/json":
        raise MediaTypeUnknown(
            f"Send {YAML_TYPES[0]}, or application/json with the field `source`, not {kind or 'nothing'}."
        )
    fields = Fields(body(event))
    fields.only("organization", "source")
    given = fields.text("organization", required=True), fields.text("source", required=True)
    fields.check()
    return slug(given[0] or "", "organisation"), given[1] or ""


def identifier(value: str, noun: str) -> str:
    """The id in its one spelling. What is no UUID names nothing, so it is NotFound."""
    try:
        return str(UUID(value))
    except ValueError as error:
        raise NotFound(f"There is no {noun} {value}.") from error


def slug(value: str, noun: str) -> str:
    if not _SLUG.fullmatch(value):
        raise NotFound(f"There is no {noun} `{value}`.")
    return value


def idempotency_key(event: APIGatewayProxyEventV2) -> str | None:
    key = event.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        problem = FieldProblem("Idempotency-Key", f"must be 1 to {LONGEST_KEY} printable characters")
        raise Invalid("The request is not valid", [problem])
    return key


class Query:
    """The query parameters of a request. Raises Invalid for one that is not known or not of its kind."""

    def __init__(self, event: APIGatewayProxyEventV2, *known: str) -> None:
        self._values: Mapping[str, str] = event.query_string_parameters or {}
        for name in self._values:
            if name not in known:
                raise _invalid_query(name, f"is not known here; there are {', '.join(known) or 'none'}")

    def organization(self) -> str | None:
        value = self._values.get("organization")
        return None if value is None else slug(value, "organisation")

    def text(self, name: str) -> str | None:
        return self._values.get(name)

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        text = self._values.get(name, str(default))
        if not (text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most):
            raise _invalid_query(name, f"must be a whole number from {least} to {most}, not {text!r}")
        return int(text)

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str | None:
        value = self._values.get(name, default)
        if value is not None and value not in choices:
            raise _invalid_query(name, f"must be one of {', '.join(choices)}, not {value!r}")
        return value

    def uuid(self, name: str) -> str | None:
        value = self._values.get(name)
        try:
            return None if value is None else str(UUID(value))
        except ValueError as error:
            raise _invalid_query(name, f"must be an id (a UUID), not {value!r}") from error


def _body_text(event: APIGatewayProxyEventV2) -> str:
    text = event.body or ""
    if not event.is_base64_encoded:
        return text
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except binascii.Error as error:
        raise ValueError("its base64 form is broken") from error


def _refuse_unstorable(value: Any) -> None:
    """Postgres can store neither U+0000 nor half of a surrogate pair."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise Malformed("The body has a text with U+0000 or an unpaired surrogate, which cannot be stored.")
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_unstorable(name)
            _refuse_unstorable(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_unstorable(item)


def _invalid_query(name: str, message: str) -> Invalid:
    return Invalid("The query is not valid", [FieldProblem(name, message)])
