"""The JSON Schema that an agent's file accepts its context by."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from baton.definition import DefinitionInvalid, parse_agent
from baton.definition.accepted import MAX_DEPTH, schema_problems
from baton.yaml_source import read_yaml
from cli.authoring.catalog import read_document
from cli.checkout import ROOT
from supabase_agent.problems import CannotAnswer
from supabase_agent.question import FIELDS, SINGULARS, Question

FILE = """\
metadata: {name: writer, displayName: Writer}
agent:
  kind: agent
  transport: {type: lambda, function: writer}
  accepts:
    type: object
    properties:
      tone: {type: string, enum: [plain, warm]}
"""


def schema() -> dict[str, Any]:
    """What supabase-agent's file accepts."""
    agent = parse_agent(read_document(ROOT / "definitions" / "agents" / "supabase-agent.yaml"))
    assert agent.agent.accepts
    return agent.agent.accepts


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("enum:", "enmu:", "f.yaml:8:34: there is no keyword `enmu` (did you mean `enum`?)"),
        ("type: string", "type: text", "`type` must be one of string, number"),
        ("enum: [plain, warm]", "enum: plain", "`enum` must be a list of at least one value"),
        ("{type: string, enum: [plain, warm]}", "text", "f.yaml:8:13: must be a schema, such as {type: string}"),
        ("properties:", "properties: [tone]\n    required:", "`properties` must be schemas by the names of fields"),
        ("type: object", "required: [tone, tone]", "`required` must be a list of names, each once"),
        ("type: object", "minItems: -1", "`minItems` must be a whole number from 0 on"),
    ],
)
def test_a_wrong_schema_is_named_with_its_place(old: str, new: str, message: str) -> None:
    assert parse_agent(read_yaml(FILE, "f.yaml")).agent.accepts
    with pytest.raises(DefinitionInvalid) as refused:
        parse_agent(read_yaml(FILE.replace(old, new, 1), "f.yaml"))
    assert message in str(refused.value)


def test_an_orchestrator_accepts_nothing() -> None:
    text = FILE.replace("kind: agent", "kind: orchestrator").replace(
        "  transport: {type: lambda, function: writer}\n", ""
    )
    with pytest.raises(DefinitionInvalid, match="an orchestrator is not called, so it accepts nothing"):
        parse_agent(read_yaml(text, "f.yaml"))


def test_a_schema_nests_so_deep_and_no_deeper() -> None:
    nested: dict[str, Any] = {}
    for _ in range(3 * MAX_DEPTH):
        nested = {"items": nested}
    assert [message for _, message in schema_problems(nested)] == [f"a schema nests at most {MAX_DEPTH} levels"]


WORDS = st.sampled_from(
    [
        "type",
        "enum",
        "required",
        "properties",
        "items",
        "additionalProperties",
        "minItems",
        "minimum",
        "format",
        "title",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["string", "object", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(WORDS, VALUES, max_size=4))
def test_what_is_accepted_is_json_schema(found: dict[str, Any]) -> None:
    if not list(schema_problems(found)):
        try:
            Draft202012Validator.check_schema(found)
        except SchemaError as error:
            raise AssertionError(found) from error


def test_supabase_agent_accepts_the_fields_of_a_question() -> None:
    assert set(schema()["properties"]) == {*FIELDS, *SINGULARS}


QUESTION = {"kpiNames": ["arr"], "startDate": "2024-07-01", "endDate": "2024-09-30"}


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"kpiNames": "arr"}, True),
        ({"grouping": "quarter", "breakdown": None, "companies": [], "departments": ["Sales"]}, True),
        ({"kpiNames": []}, False),
        ({"grouping": "hour"}, False),
        ({"breakdown": "city"}, False),
        ({"departmnets": ["Sales"]}, False),
        ({"companies": [""]}, False),
        ({"startDate": None}, False),
    ],
)
def test_supabase_agent_and_its_schema_agree(changes: dict[str, Any], fits: bool) -> None:
    context = {**QUESTION, **changes}
    assert Draft202012Validator(schema()).is_valid(context) is fits
    try:
        Question.parse(context)
    except CannotAnswer:
        assert not fits
    else:
        assert fits
