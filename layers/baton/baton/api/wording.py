"""The problems of an invalid request, in the words of this API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from pydantic import Discriminator

from baton.api import requests
from baton.api.problems import MAX_MESSAGE_CHARACTERS
from baton.errors import FieldProblem, Invalid
from baton.suggestions import did_you_mean

MAX_NAME_CHARACTERS = 100


def invalid(errors: Iterable[Mapping[str, Any]], body: Any = None) -> Invalid:
    """pydantic's errors in the words of this API, each with the field's name in the request; ``body`` is the type of
    the route's body."""
    return Invalid("The request is not valid", (_problem(error, body) for error in errors))


def _problem(error: Mapping[str, Any], body: Any) -> FieldProblem:
    context, kind, names = error.get("ctx") or {}, error["type"], _names(error, body)
    if kind.startswith("union_tag_"):  # the tag of every union here is its mode
        names.append("mode")
    if kind == "extra_forbidden":
        known = _fields_of(body, names[:-1])
        listed = f"; there are {', '.join(known)}" if known else ""
        return _field_problem(names, f"is not known here{listed}{did_you_mean(names[-1], known)}")
    words = _WORDS.get(kind)
    return _field_problem(names, words(context, error) if words else _plain(error["msg"]))


def _field_problem(names: list[str], message: str) -> FieldProblem:
    """The problem of a field. Its names and its message are cut, because a request can have very long ones."""
    return FieldProblem(".".join(name[:MAX_NAME_CHARACTERS] for name in names), message[:MAX_MESSAGE_CHARACTERS])


def _names(error: Mapping[str, Any], body: Any) -> list[str]:
    """``("body", "payload", "orchestration", "name")`` → payload, orchestration, name. For a tagged union, pydantic
    puts the tag before the first name."""
    where, *names = error["loc"] or ("body",)
    if where == "header":  # "idempotency-key"
        names = [str(name).title() for name in names]
    elif where == "body" and _is_tagged(body):
        names = names[1:]
    elif where not in ("body", "query", "path"):
        names = [where, *names]
    return [str(name) for name in names]


def _is_tagged(body: Any) -> bool:
    return any(isinstance(part, Discriminator) for part in getattr(body, "__metadata__", ()))


def _fields_of(model: Any, names: Iterable[str]) -> list[str]:
    """The fields of the object to which these names lead."""
    model = _unless_null(model)
    for name in names:
        fields = getattr(model, "model_fields", {})
        model = next((_unless_null(field.annotation) for field in fields.values() if field.alias == name), None)
    return [str(field.alias) for field in getattr(model, "model_fields", {}).values()]


def _unless_null(kind: Any) -> Any:
    """``X`` of ``X | None``."""
    kinds = [one for one in get_args(kind) if one is not type(None)]
    return kinds[0] if len(kinds) == 1 else kind


def _must_be(noun: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], str]:
    def words(_: Mapping[str, Any], error: Mapping[str, Any]) -> str:
        return f"must be {noun}, not {requests.NOUNS.get(type(error['input']), 'that')}"

    return words


def _one_of(context: Mapping[str, Any], error: Mapping[str, Any]) -> str:
    expected = context.get("expected") or context.get("expected_tags")
    allowed = str(expected).replace("'", "").replace(" or ", ", ")
    value = context.get("tag", error["input"])
    suggestion = did_you_mean(value, allowed.split(", ")) if isinstance(value, str) else ""
    return f"must be one of {allowed}, not {value!r}{suggestion}"


def _plain(message: str) -> str:
    text = message.removeprefix("Value error, ").replace("Input should", "must")
    return text[:1].lower() + text[1:]


_PATTERNS = {requests.NOT_BLANK: "is blank", requests.VISIBLE_ASCII: "must be printable ASCII"}
_WORDS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str]] = {
    "missing": lambda *_: "is required",
    "union_tag_not_found": lambda *_: "is required",
    "union_tag_invalid": _one_of,
    "literal_error": _one_of,
    "enum": _one_of,
    "string_type": _must_be("text"),
    "bool_type": _must_be("true or false"),
    "dict_type": _must_be("an object"),
    "model_type": _must_be("an object"),
    "model_attributes_type": _must_be("an object"),
    "list_type": _must_be("a list"),
    "int_type": _must_be("a whole number"),
    "int_parsing": lambda _, error: f"must be a whole number, not {error['input']!r}",
    "greater_than_equal": lambda context, error: f"must be {context['ge']} or more, not {error['input']}",
    "less_than_equal": lambda context, error: f"must be {context['le']} or less, not {error['input']}",
    "bool_parsing": lambda _, error: f"must be true or false, not {error['input']!r}",
    "uuid_parsing": lambda _, error: f"must be an id (a UUID), not {error['input']!r}",
    "string_too_short": lambda *_: "is empty",
    "string_pattern_mismatch": lambda context, error: _PATTERNS.get(context["pattern"], _plain(error["msg"])),
    "too_short": lambda *_: "is empty",
    "string_too_long": lambda context, _: f"must have at most {context['max_length']} characters",
}
