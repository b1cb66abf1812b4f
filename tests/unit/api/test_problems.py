"""Errors as problem details."""

from __future__ import annotations

from inspect import getmembers, isclass

import pytest

from baton import errors
from baton.api import problems


def every_error() -> list[type[BaseException]]:
    classes = [member for _, member in getmembers(errors, isclass)]
    return [cls for cls in classes if issubclass(cls, errors.BatonError) and cls is not errors.BatonError]


@pytest.mark.parametrize("error", every_error())
def test_every_error_of_baton_has_a_problem_type(error: type[BaseException]) -> None:
    assert error in problems.KINDS


def test_no_two_errors_share_a_problem_type() -> None:
    slugs = [kind.slug for kind in problems.KINDS.values()]

    assert len(set(slugs)) == len(slugs)


def test_a_subclass_has_the_problem_of_its_nearest_known_base() -> None:
    class NoSuchRun(errors.NotFound):
        pass

    assert problems.kind_of(NoSuchRun("gone")).status == 404


def test_an_unknown_error_is_shown_as_internal() -> None:
    problem = problems.problem(ZeroDivisionError("secret"), "/here")

    assert problem["status"] == 500
    assert "secret" not in str(problem)


def test_the_detail_is_a_sentence() -> None:
    assert (
        problems.problem(errors.Conflict("this was decided already"), "/here")["detail"] == "This was decided already."
    )
