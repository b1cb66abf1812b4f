"""A source document → a checked model, or all problems with file, line and column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar, get_args

from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from baton.definition import checks, expression_checks, references, step_checks
from baton.definition.agents import AgentDefinition
from baton.definition.models import Definition
from baton.definition.problems import DefinitionInvalid, Path, Problem, dotted, raise_first
from baton.definition.source import SourceDocument
from baton.errors import MAX_PROBLEMS
from baton.suggestions import nearest

MAX_ERRORS = 2 * MAX_PROBLEMS  # of pydantic: two of its errors may be one problem
Model = TypeVar("Model", bound=BaseModel)


def parse_definition(document: SourceDocument) -> Definition:
    """The orchestration that the document defines. DefinitionInvalid lists all problems."""
    definition = _shape(document, Definition)
    raise_first(
        problem
        for check in (checks.problems, step_checks.problems, expression_checks.problems, references.problems)
        for problem in check(definition, document)
    )
    return definition


def parse_agent(document: SourceDocument) -> AgentDefinition:
    """The agent that the document defines. DefinitionInvalid lists all problems."""
    agent = _shape(document, AgentDefinition)
    raise_first(checks.agent_problems(agent, document))
    return agent


def _shape(document: SourceDocument, model: type[Model]) -> Model:
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise DefinitionInvalid(_shape_problems(error, document, model)) from error


def _shape_problems(error: ValidationError, document: SourceDocument, model: type[BaseModel]) -> Iterator[Problem]:
    errors = error.errors(include_url=False)[:MAX_ERRORS]
    missing = {details["loc"][:-1]: str(details["loc"][-1]) for details in errors if _has_type(details, "missing")}
    unknown = [details["loc"] for details in errors if _has_type(details, "extra_forbidden")]
    misspelt = {
        (*loc[:-1], missing[loc[:-1]])
        for loc in unknown
        if loc[:-1] in missing and nearest(str(loc[-1]), _fields(model, loc[:-1])) == missing[loc[:-1]]
    }
    for details in errors:
        # A required field under a wrong name is one mistake, not an unknown and a missing field.
        if not (_has_type(details, "missing") and details["loc"] in misspelt):
            yield _problem(details, document, model)


def _has_type(details: ErrorDetails, kind: str) -> bool:
    return details["type"] == kind


def _problem(details: ErrorDetails, document: SourceDocument, model: type[BaseModel]) -> Problem:
    path: Path = details["loc"]
    if path and path[-1] == "[key]":
        return document.problem(path[:-1], details["msg"], at_key=True)
    if _has_type(details, "missing"):
        return document.problem(path, f"`{path[-1]}` is missing in {_section_name(path[:-1])}")
    if _has_type(details, "extra_forbidden"):
        return _unknown_field(path, document, model)
    message, suggestion = _sentence(details)
    return document.problem(path, f"{_subject(path)} {message}", suggestion)


def _unknown_field(path: Path, document: SourceDocument, model: type[BaseModel]) -> Problem:
    name = str(path[-1])
    message = f"`{name}` is not a field of {_section_name(path[:-1])}"
    return document.problem(path, message, nearest(name, _fields(model, path[:-1])), at_key=True)


def _sentence(details: ErrorDetails) -> tuple[str, str | None]:
    """What a value must be, and the word that the author probably meant."""
    context = details.get("ctx", {})
    value = details["input"]
    match details["type"]:
        case "literal_error":
            allowed = [word.strip().strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
            listed = ", ".join(f"`{word}`" for word in allowed)
            return f"must be one of {listed}, not {_described(value)}", nearest(str(value), allowed)
        case "string_type" if isinstance(value, int | float) and not isinstance(value, bool):
            return f'must be a string; write "{value}" in quotes', None
        case kind if kind in _TYPES:
            return f"must be {_TYPES[kind]}, not {_described(value)}", None
        case "greater_than_equal":
            return f"must be at least {context['ge']}", None
        case "less_than_equal":
            return f"must be at most {context['le']}", None
        case "too_short" | "string_too_short":
            return "must not be empty", None
        case "too_long":
            return f"is too long; at most {context['max_length']}", None
        case "string_too_long":
            return f"is too long; at most {context['max_length']:,} characters", None
    return details["msg"], None


_TYPES = {
    "string_type": "a string",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def _described(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _subject(path: Path) -> str:
    """``depends_on[0]``: the last name of the path, with its indices."""
    start = next((at for at in range(len(path) - 1, -1, -1) if isinstance(path[at], str)), None)
    return "the file" if start is None else f"`{dotted(path[start:])}`"


def _section_name(path: Path) -> str:
    """The section at a path, in words."""
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return {"steps": "a step", "parameters": "a parameter", "constraints": "a constraint", "options": "an option"}[
            str(path[-2])
        ]
    return f"`{path[-1]}`"


def _fields(model: type[BaseModel], path: Path) -> list[str]:
    """The field names that may stand in the section at ``path``."""
    section: Any = model
    for part in path:
        if isinstance(part, str):
            section = next(
                field.annotation for name, field in section.model_fields.items() if part in _names(name, field)
            )
        section = _model_in(section)
    return [spelling for name, field in section.model_fields.items() for spelling in _names(name, field)]


def _names(name: str, field: FieldInfo) -> list[str]:
    """The spellings of a field in the file."""
    if isinstance(field.validation_alias, AliasChoices):
        return [str(choice) for choice in field.validation_alias.choices]
    return [field.alias or name]


def _model_in(annotation: Any) -> Any:
    """The model in ``list[Model]``, ``Model | None`` or ``Model``."""
    inner: Callable[[Any], Any] = _model_in
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(inner, get_args(annotation))), None)
