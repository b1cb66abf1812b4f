"""A person's modifications. One with the name of a parameter overrides it; all others change the input of a step (see
``usecases.reviews``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from baton.errors import FieldProblem, Invalid
from baton.parameters import check_override, check_parameters
from baton.plan import Plan


def checked_overrides(
    plan: Plan, parameters: Mapping[str, Any], modifications: Mapping[str, Any], today: date, *, refused: str
) -> dict[str, Any]:
    """The modifications that override a parameter, checked like a launch. ``parameters`` are those in force.
    Relative dates are those of the day ``today``.

    Raises:
        Invalid: a value does not fit; the error names each field. ``refused`` is the error's first sentence.
    """
    overrides: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, value in modifications.items():
        if plan.parameter(name) is None:
            continue
        try:
            overrides[name] = check_override(plan, name, value, today)
        except Invalid as error:
            problems.extend(
                FieldProblem(f"modifications.{problem.field}", problem.message) for problem in error.problems
            )
    problems = problems or _broken_together(plan, {**parameters, **overrides}, today)
    if problems:
        raise Invalid(refused, problems)
    return overrides


def _broken_together(plan: Plan, parameters: Mapping[str, Any], today: date) -> list[FieldProblem]:
    try:
        check_parameters(plan, parameters, today)
    except Invalid as error:
        return [FieldProblem(f"modifications.{problem.field}", problem.message) for problem in error.problems]
    return []
