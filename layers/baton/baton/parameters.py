"""The parameters of a launch, checked against the plan.

Values stay JSON: a date stays its ISO string. Only expressions make dates of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from baton import expressions
from baton.errors import FieldProblem, Invalid
from baton.plan import Constraint, Parameter, Plan
from baton.suggestions import did_you_mean
from baton.templating import Scope

TYPES = ("string", "number", "integer", "boolean", "date", "string[]", "number[]", "object")

_NOUNS = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": "a date as YYYY-MM-DD",
    "string[]": "a list of strings",
    "number[]": "a list of numbers",
    "object": "an object",
}


def check_parameters(plan: Plan, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every declared parameter with its value, its default, or null.

    Raises:
        Invalid: a field is missing, unknown, of the wrong type, not in its enum, or breaks a constraint. The error
            names each.
    """
    problems = [
        FieldProblem(name, f"is not a parameter of `{plan.name}`" + did_you_mean(name, _names(plan)))
        for name in values
        if plan.parameter(name) is None
    ]
    parameters: dict[str, Any] = {}
    for parameter in plan.parameters:
        value = values.get(parameter.name)
        parameters[parameter.name] = parameter.default if value is None else value
        problem = value_problem(parameter, parameters[parameter.name])
        if problem:
            problems.append(FieldProblem(parameter.name, problem))
    if not problems:
        problems = _broken_constraints(plan, parameters)
    if problems:
        raise Invalid(f"The parameters do not fit `{plan.name}`", problems)
    return parameters


def check_override(plan: Plan, name: str, value: Any) -> Any:
    """``value``, if the parameter ``name`` may have it. Invalid says why not.

    It checks no constraint, because a constraint needs all parameters: see ``check_parameters``.
    """
    parameter = plan.parameter(name)
    if parameter is None:
        message = f"is not a parameter of `{plan.name}`" + did_you_mean(name, _names(plan))
    else:
        message = value_problem(parameter, value) or ""
    if message:
        raise Invalid("The modification does not fit", [FieldProblem(name, message)])
    return value


def type_problem(type_name: str, value: Any) -> str | None:
    """Why ``value`` is not of the type, as the second half of a sentence; None if it is."""
    if _fits(type_name, value):
        return None
    if isinstance(value, list) and type_name.endswith("[]"):
        item_type = type_name.removesuffix("[]")
        position = next(index for index, item in enumerate(value, 1) if not _fits(item_type, item))
        return f"must be {_NOUNS[type_name]}, but item {position} is {_described(value[position - 1])}"
    return f"must be {_NOUNS[type_name]}, not {_described(value)}"


def value_problem(parameter: Parameter, value: Any) -> str | None:
    """Why the parameter cannot have this value, as the second half of a sentence; None if it can."""
    if value is None:
        return f"is required: {_NOUNS[parameter.type]}" if parameter.required else None
    problem = type_problem(parameter.type, value) or (_blank_problem(value) if parameter.required else None)
    if problem or parameter.enum is None:
        return problem
    return enum_problem(parameter.enum, value)


def _blank_problem(value: Any) -> str | None:
    """Why the value of a required parameter counts as missing: it, or an item of it, is a blank string."""
    if isinstance(value, str) and not value.strip():
        return "is required, and must not be blank"
    if isinstance(value, list):
        blank = [position for position, item in enumerate(value, 1) if isinstance(item, str) and not item.strip()]
        return f"must not have blank items, but item {blank[0]} is blank" if blank else None
    return None


def enum_problem(enum: tuple[Any, ...], value: Any) -> str | None:
    """Why ``value``, or an item of it if it is a list, is not one of ``enum``; None if it is."""
    for item in value if isinstance(value, list) else [value]:
        if not any(expressions.equal(item, allowed) for allowed in enum):
            allowed = ", ".join(f"`{option}`" for option in enum)
            return f"must be one of {allowed}, not `{item}`" + did_you_mean(str(item), [str(option) for option in enum])
    return None


def _broken_constraints(plan: Plan, values: Mapping[str, Any]) -> list[FieldProblem]:
    return [
        FieldProblem(name, constraint.message)
        for constraint in plan.constraints
        if not _holds(constraint, plan, values)
        for name in _in_order(plan, constraint) or ("parameters",)
    ]


def _holds(constraint: Constraint, plan: Plan, values: Mapping[str, Any]) -> bool:
    """A rule about a parameter without a value holds, unless the rule has the word ``null``."""
    types = plan.parameter_types
    names = expressions.parameters_of(constraint.rule, types)
    if any(values[name] is None for name in names) and not re.search(r"\bnull\b", constraint.rule):
        return True
    return expressions.holds(constraint.rule, types, Scope(parameters=values, steps={}))


def _in_order(plan: Plan, constraint: Constraint) -> list[str]:
    used = expressions.parameters_of(constraint.rule, plan.parameter_types)
    return [name for name in _names(plan) if name in used]


def _names(plan: Plan) -> list[str]:
    return [parameter.name for parameter in plan.parameters]


def _fits(type_name: str, value: Any) -> bool:
    match type_name:
        case "string":
            return isinstance(value, str)
        case "number":
            return _is_number(value)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, str) and _is_date(value)
        case "string[]":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case "number[]":
            return isinstance(value, list) and all(_is_number(item) for item in value)
        case _:
            return isinstance(value, Mapping)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float | Decimal) and Decimal(value).is_finite())


def _is_date(text: str) -> bool:
    """Only ``YYYY-MM-DD``: ``date.fromisoformat`` alone also takes ``20240701`` and ``2024-W27-1``."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _described(value: Any) -> str:
    match value:
        case None:
            return "null"
        case str():
            return f"the string `{value}`"
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return f"the number {value}"
        case list():
            return "a list"
        case _:
            return "an object"
