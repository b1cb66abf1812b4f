"""The parameters of a launch, checked against the plan.

Values stay JSON: a date stays its ISO string. Only expressions make dates of them. A relative date becomes the date
that it means on the day of the launch (see ``relative_dates``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, assert_never

from baton import expressions, relative_dates
from baton.errors import FieldProblem, Invalid
from baton.model import ParameterType
from baton.plan import Constraint, Parameter, Plan
from baton.suggestions import did_you_mean
from baton.templating import Scope, TemplateInvalid

MAX_VALUES_SHOWN = 50  # of an enum
MAX_VALUE_CHARACTERS = 200  # of a value in a message


def check_parameters(plan: Plan, values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Every declared parameter with its value, its default, or null. Relative dates are those of the day ``today``.

    Raises:
        Invalid: a field is missing, unknown, of the wrong type, not in its enum, or breaks a constraint. The error
            names each.
    """
    parameters: dict[str, Any] = {}
    for parameter in plan.parameters:
        value = values.get(parameter.name)
        parameters[parameter.name] = _on_day(today, parameter, parameter.default if value is None else value)
    problems = _field_problems(plan, values, parameters)
    first = next(problems, None)
    if first is None:
        problems = _broken_constraints(plan, parameters)  # a constraint needs values of the right type
        first = next(problems, None)
    if first is not None:
        raise Invalid(f"The parameters do not fit `{plan.name}`", chain([first], problems))
    return parameters


def _field_problems(plan: Plan, values: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[FieldProblem]:
    names = _names(plan)
    known = set(names)
    for name in values:
        if name not in known:
            yield FieldProblem(name, f"is not a parameter of `{plan.name}`" + did_you_mean(name, names))
    for parameter in plan.parameters:
        problem = value_problem(parameter, parameters[parameter.name])
        if problem:
            yield FieldProblem(parameter.name, problem)


def check_override(plan: Plan, name: str, value: Any, today: date) -> Any:
    """Checks a value for the parameter ``name``, and returns it. Of a relative date, returns the date that it means on
    the day ``today``. Raises Invalid if the parameter cannot have the value.

    It checks no constraint, because a constraint needs all parameters: see ``check_parameters``.
    """
    parameter = plan.parameter(name)
    if parameter is None:
        message = f"is not a parameter of `{plan.name}`" + did_you_mean(name, _names(plan))
    else:
        value = _on_day(today, parameter, value)
        message = value_problem(parameter, value) or ""
    if message:
        raise Invalid("The modification does not fit", [FieldProblem(name, message)])
    return value


def _on_day(today: date, parameter: Parameter, value: Any) -> Any:
    """The date that a relative date means on that day. Any other value stays as it is."""
    if parameter.type is not ParameterType.DATE or not isinstance(value, str) or _is_date(value):
        return value
    day = relative_dates.resolve(value, today)
    return value if day is None else day.isoformat()


def type_problem(declared: ParameterType, value: Any) -> str | None:
    """Why ``value`` is not of the type, as the second half of a sentence; None if it is."""
    if _fits(declared, value):
        return None
    if isinstance(value, list) and declared.item is not None:
        position = next(index for index, item in enumerate(value, 1) if not _fits(declared.item, item))
        return f"must be {_noun(declared)}, but item {position} is {_described(value[position - 1])}"
    return f"must be {_noun(declared)}, not {_described(value)}"


def sent_problem(declared: ParameterType, value: Any) -> str | None:
    """Like ``type_problem``, for a value that may also be a relative date, as in a launch or a default."""
    if declared is not ParameterType.DATE or not isinstance(value, str):
        return type_problem(declared, value)
    if _is_date(value) or relative_dates.is_relative(value):
        return None
    meant = relative_dates.nearest_to(value)
    suggestion = f" (did you mean `{meant}`?)" if meant else ""
    also = f", or relative to the day of the launch, such as {relative_dates.EXAMPLES}"
    return f"must be {_noun(declared)}{also}, not {_described(value)}{suggestion}"


def value_problem(parameter: Parameter, value: Any) -> str | None:
    """Why the parameter cannot have this value, as the second half of a sentence; None if it can."""
    if value is None:
        return f"is required: {_noun(parameter.type)}" if parameter.required else None
    problem = sent_problem(parameter.type, value) or (_blank_problem(value) if parameter.required else None)
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
    texts = {option for option in enum if isinstance(option, str)}
    others = [option for option in enum if not isinstance(option, str)]
    for item in value if isinstance(value, list) else [value]:
        if item in texts if isinstance(item, str) else any(expressions.equal(item, option) for option in others):
            continue
        allowed = ", ".join(f"`{option}`" for option in enum[:MAX_VALUES_SHOWN]) + (
            " …" if len(enum) > MAX_VALUES_SHOWN else ""
        )
        return f"must be one of {allowed}, not `{_cut(item)}`" + did_you_mean(str(item), map(str, enum))
    return None


def _cut(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MAX_VALUE_CHARACTERS else f"{text[:MAX_VALUE_CHARACTERS]}…"


def _broken_constraints(plan: Plan, values: Mapping[str, Any]) -> Iterator[FieldProblem]:
    for constraint in plan.constraints:
        names, message = _constraint_problem(constraint, plan, values)
        if message is not None:
            for name in names or ["parameters"]:
                yield FieldProblem(name, message)


def _constraint_problem(constraint: Constraint, plan: Plan, values: Mapping[str, Any]) -> tuple[list[str], str | None]:
    """The parameters of the constraint, and what they break; None if it holds.

    The constraint may be older than a check that now refuses its rule.
    """
    names: list[str] = []
    try:
        names = _in_order(plan, constraint)
        return names, None if _holds(constraint, plan, values) else constraint.message
    except (expressions.ExpressionInvalid, TemplateInvalid) as error:
        return names, f"cannot be checked against the constraint `{constraint.rule}`: {error}"


def _holds(constraint: Constraint, plan: Plan, values: Mapping[str, Any]) -> bool:
    """A rule about a parameter without a value holds, unless the rule has the constant ``null``."""
    types = plan.parameter_types
    names = expressions.parameters_of(constraint.rule, types)
    if any(name in values and values[name] is None for name in names) and not expressions.has_null(constraint.rule):
        return True
    return expressions.holds(constraint.rule, types, Scope(parameters=values, steps={}))


def _in_order(plan: Plan, constraint: Constraint) -> list[str]:
    used = expressions.parameters_of(constraint.rule, plan.parameter_types)
    return [name for name in _names(plan) if name in used]


def _names(plan: Plan) -> list[str]:
    return [parameter.name for parameter in plan.parameters]


def _noun(declared: ParameterType) -> str:
    match declared:
        case ParameterType.STRING:
            return "a string"
        case ParameterType.NUMBER:
            return "a number"
        case ParameterType.INTEGER:
            return "a whole number"
        case ParameterType.BOOLEAN:
            return "true or false"
        case ParameterType.DATE:
            return "a date as YYYY-MM-DD"
        case ParameterType.STRINGS:
            return "a list of strings"
        case ParameterType.NUMBERS:
            return "a list of numbers"
        case ParameterType.OBJECT:
            return "an object"
        case _:
            assert_never(declared)


def _fits(declared: ParameterType, value: Any) -> bool:
    match declared:
        case ParameterType.STRING:
            return isinstance(value, str)
        case ParameterType.NUMBER:
            return _is_number(value)
        case ParameterType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case ParameterType.BOOLEAN:
            return isinstance(value, bool)
        case ParameterType.DATE:
            return isinstance(value, str) and _is_date(value)
        case ParameterType.STRINGS:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case ParameterType.NUMBERS:
            return isinstance(value, list) and all(_is_number(item) for item in value)
        case ParameterType.OBJECT:
            return isinstance(value, Mapping)
        case _:
            assert_never(declared)


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
            return f"the string `{_cut(value)}`"
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return f"the number {_cut(value)}"
        case list():
            return "a list"
        case _:
            return "an object"
