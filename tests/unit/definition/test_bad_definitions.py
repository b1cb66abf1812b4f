"""The messages about a wrong definition."""

from __future__ import annotations

import re

import pytest

from baton.definition import DefinitionInvalid, parse_definition
from baton.definition.models import MAX_LABEL_CHARACTERS, MAX_QUESTION_CHARACTERS
from tests.unit.definition.faults import FAULTS, Fault
from tests.unit.examples import EXAMPLE, document


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_reported_at_its_place_with_a_suggestion(fault: Fault) -> None:
    text = EXAMPLE.replace(fault.old, fault.new, 1)
    assert text != EXAMPLE, "the example no longer has what this case changes"
    with pytest.raises(DefinitionInvalid) as refused:
        parse_definition(document(text))
    assert str(refused.value).splitlines() == re.split(r"\n\s*", fault.messages)


def test_the_example_itself_has_no_fault() -> None:
    definition = parse_definition(document(EXAMPLE))
    assert [step.id for step in definition.orchestration.steps] == ["fetch", "summarize"]


def test_the_longest_question_and_label_are_accepted() -> None:
    question, label = "q" * MAX_QUESTION_CHARACTERS, "l" * MAX_LABEL_CHARACTERS
    text = EXAMPLE.replace("Is this right?", question).replace(
        "action: continue", f"action: continue\n            label: {label}"
    )
    checkpoint = parse_definition(document(text)).orchestration.steps[0].checkpoint_after
    assert checkpoint is not None
    assert (checkpoint.question, checkpoint.options[0].label) == (question, label)


def test_every_problem_of_a_file_is_reported_at_once_in_the_order_of_the_file() -> None:
    text = (
        EXAMPLE.replace("default: day", "default: dya").replace("{{ grouping }}", "{{ x }}").replace("[fetch]", "[a]")
    )
    with pytest.raises(DefinitionInvalid) as refused:
        parse_definition(document(text))
    assert [problem.line for problem in refused.value.problems] == [14, 23, 34]


def test_a_misspelt_dependency_is_reported_without_its_consequences() -> None:
    text = EXAMPLE.replace("[fetch]", "[fetsh]").replace(
        'rows: "{{ steps.fetch.rows }}"', 'rows: "{{ steps.fetch.rows }} {{ steps.fetsh.rows }}"'
    )
    with pytest.raises(DefinitionInvalid) as refused:
        parse_definition(document(text))
    assert str(refused.value) == "example.yaml:34:20: there is no step `fetsh` (did you mean `fetch`?)"
