"""The input of the state machine ``<stack>-launch``. It has the same checks and error messages as a request of the
API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, ValidationError

from baton import exact_json, storable
from baton.api import wording
from baton.api.callbacks import CallbackBody
from baton.api.requests import NOUNS, VISIBLE_ASCII, Body, Parameters, Text
from baton.errors import Forbidden, Invalid, LaunchRefused, Malformed, NotFound
from baton.usecases.launch_run import IDEMPOTENCY_KEY, LaunchRequest


class LaunchInput(Body):
    organization: Text
    orchestration: Text
    version: Text | None = None
    parameters: Parameters = Field(default_factory=dict)
    idempotency_key: Annotated[str, Field(min_length=1, max_length=255, pattern=VISIBLE_ASCII)] | None = None
    callback: CallbackBody | None = None


def launch_request(value: Any) -> LaunchRequest:
    """The request of an execution's input.

    Raises:
        Malformed: the input is no JSON object, or has text that the record cannot store.
        Invalid: a field is missing, unknown or of the wrong type; the error names each.
    """
    if not isinstance(value, dict):
        raise Malformed(f"The input must be a JSON object, not {NOUNS[type(value)]}.")
    if unstorable := storable.problem(value):
        path, why = unstorable
        raise Malformed(f"In the input, {'.'.join(map(str, path[:9]))} {why}.")
    exact = exact_json.loads(json.dumps(value))  # numbers with a fraction as decimals, as in a request of the API
    try:
        fields = LaunchInput.model_validate(exact)
    except ValidationError as error:
        raise wording.invalid(({**one, "loc": ("body", *one["loc"])} for one in error.errors()), LaunchInput) from error
    return LaunchRequest(
        organization=fields.organization,
        agent=None,
        orchestration=fields.orchestration,
        version=fields.version,
        parameters=fields.parameters,
        idempotency_key=fields.idempotency_key,
        callback=fields.callback.callback() if fields.callback else None,
    )


@contextmanager
def refusals() -> Iterator[None]:
    """A context in which the errors of a refused request become one error, ``LaunchRefused``, with the same message. A
    state machine can catch it by its name."""
    try:
        yield
    except Invalid as error:
        raise LaunchRefused(str(_of_the_input(error))) from error
    except (Malformed, NotFound, Forbidden) as error:
        raise LaunchRefused(str(error)) from error


def _of_the_input(error: Invalid) -> Invalid:
    """The error with the name of the field for that of the header, which executions do not have."""
    if [problem.field for problem in error.problems] != [IDEMPOTENCY_KEY]:
        return error
    return Invalid(error.summary, [replace(problem, field="idempotencyKey") for problem in error.problems])
