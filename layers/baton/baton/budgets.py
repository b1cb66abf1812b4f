"""How many bytes the values of people and agents may have where they enter the record. Answers leave out what is larger
(``store/reads.sql``), so larger values of earlier versions stay readable. JSON is counted as Postgres writes it:
``1E+1000`` has a thousand and one bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baton import exact_json
from baton.errors import FieldProblem, Invalid

MAX_TEXT_BYTES = 4 * 1024  # of a reason, a note or a comment, in UTF-8
MAX_TITLE_BYTES = 1000  # of the title, the type or the format of a deliverable, in UTF-8
MAX_MODIFICATIONS_BYTES = 64 * 1024  # of the modifications of one decision or action, as JSON
MAX_SOURCE_CHARACTERS = 400_000  # of a file that a person publishes
MAX_PARAMETERS_BYTES = 256 * 1024  # of the parameters of a launch, as JSON
MAX_INPUT_BYTES = 6 * 1024 * 1024  # of a step's rendered input, as JSON: the limit of Lambda
MAX_OUTPUTS_BYTES = 4 * 1024 * 1024  # of all outputs of a step, as JSON
MAX_RECORDED_ANSWER_BYTES = 6_291_556  # of an agent's answer, as JSON: the limit of Lambda


def shortened(text: str, most: int = MAX_TEXT_BYTES) -> str:
    """A text of at most so many bytes: of a longer one, its beginning and its length."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    end = f"… ({len(encoded):,} bytes)"
    return encoded[: most - len(end.encode())].decode(errors="ignore") + end


def too_large(value: Any, most: int) -> str | None:
    """What is wrong with a value of more than so many bytes as JSON; None if it has not."""
    size = exact_json.stored_bytes(value)
    return f"has {size:,} bytes as JSON; the limit is {most:,}" if size > most else None


def check_parameters_size(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters. Raises Invalid if all of them together are too large for a run."""
    problem = too_large(parameters, MAX_PARAMETERS_BYTES)
    if problem is not None:
        raise Invalid("The parameters are too large", [FieldProblem("parameters", problem)])
    return parameters


def outputs_failure(outputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """The failure of a step whose outputs are too large; None if they are not. A retry would not help."""
    problem = too_large(outputs, MAX_OUTPUTS_BYTES)
    if problem is None:
        return None
    sizes = sorted(((exact_json.stored_bytes(value), name) for name, value in outputs.items()), reverse=True)
    largest = ", ".join(f"{name} {size:,}" for size, name in sizes[:3])
    message = f"the step's outputs: {problem} (the largest: {largest})"
    return {"type": "OutputTooLarge", "message": message, "retryable": False}
