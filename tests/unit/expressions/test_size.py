"""The parser takes linear time, or refuses a large expression at once."""

from __future__ import annotations

import time
from typing import Any

import pytest

from baton import templating
from baton.definition import DefinitionInvalid, parse_definition
from baton.expressions import ExpressionInvalid, holds
from baton.expressions.reading import MAX_CHARACTERS, MAX_DEPTH
from baton.templating import Scope
from tests.unit.examples import EXAMPLE, document

LARGE = 40_000
TOO_LARGE = {
    "references that are never closed": "{{ " * (LARGE // 3),
    "braces alone": "{" * LARGE,
    "parentheses": "(" * LARGE,
    "lists": "[" * LARGE,
    "a chain of not": "not " * (LARGE // 4) + "grouping == day",
    "a long chain": "grouping == day or " * (LARGE // 19) + "grouping == day",
    "quotes": "'" * (LARGE + 1),
    "space": " " * LARGE + "!",
    "one long word": "a" * LARGE,
    "a list of words": f"grouping in [{'day, ' * (LARGE // 5)}day]",
}
MAX_SECONDS = 2  # of CPU: each takes less than a tenth, and what grows with the square of its size takes far more


def message_of(text: str) -> str:
    """The message about the example with that condition."""
    with pytest.raises(DefinitionInvalid) as refused:
        parse_definition(document(EXAMPLE.replace("agent: summarizer", f'agent: summarizer\n      when: "{text}"')))
    return str(refused.value)


@pytest.mark.parametrize("text", TOO_LARGE.values(), ids=TOO_LARGE)
def test_an_expression_that_is_too_large_is_refused_at_once(text: str) -> None:
    started = time.process_time()  # others may keep the machine busy
    message = message_of(text)
    assert time.process_time() - started < MAX_SECONDS
    assert message == (
        f"example.yaml:34:14: `when`: an expression has at most {MAX_CHARACTERS} characters; this one has {len(text)}"
    )


@pytest.mark.parametrize("opening", ["(", "[", "not "])
def test_an_expression_that_is_too_deep_is_refused_at_the_first_level_too_many(opening: str) -> None:
    text = opening * (MAX_CHARACTERS // len(opening))
    with pytest.raises(ExpressionInvalid, match=f"at most {MAX_DEPTH} levels") as refused:
        holds(text, {}, Scope({}, {}))
    assert refused.value.position == MAX_DEPTH * len(opening)


LARGE_EXPRESSIONS: dict[str, Any] = {
    "a chain": "x == 1" + " or x == 1" * 99,
    "a list": f"x in [{'2, ' * 320}1]",
    "negations": "not " * MAX_DEPTH + "x == 1",
    "parentheses": "(" * MAX_DEPTH + "x == 1" + ")" * MAX_DEPTH,
}


@pytest.mark.parametrize("text", LARGE_EXPRESSIONS.values(), ids=LARGE_EXPRESSIONS)
def test_the_largest_possible_expression_is_evaluated(text: str) -> None:
    assert holds(text, {"x": "integer"}, Scope({"x": 1}, {})) is True


@pytest.mark.parametrize(
    ("text", "references"),
    [("{{ " * (LARGE // 3), 1), ("{" * LARGE, 1), ("{{ a }}" * (LARGE // 7) + "{{ b", LARGE // 7 + 1)],
)
def test_unclosed_references_of_a_template_take_linear_time(text: str, references: int) -> None:
    started = time.process_time()
    found = list(templating.placeholders(text))
    assert time.process_time() - started < MAX_SECONDS
    assert len(found) == references
    with pytest.raises(templating.TemplateInvalid, match="is never closed"):
        templating.parse_reference(found[-1])
