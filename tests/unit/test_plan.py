"""The plan in the form that is stored with every run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from baton.definition.models import MAX_LABEL_CHARACTERS, MAX_QUESTION_CHARACTERS
from baton.plan import Plan, PlanUnreadable
from cli.authoring.definitions import load_all
from tests.unit.examples import EXAMPLE, plan_of

ROOT = Path(__file__).resolve().parents[2]


def test_a_plan_read_back_from_its_json_is_the_same_plan() -> None:
    plan = plan_of(EXAMPLE)
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_the_plans_of_the_bundled_definitions_are_read_back_unchanged() -> None:
    definitions, _ = load_all(ROOT / "definitions")
    for one in definitions.values():
        assert Plan.from_json(json.loads(json.dumps(one.plan.to_json()))) == one.plan


def test_the_plan_spells_out_every_default() -> None:
    step = plan_of(EXAMPLE).step("summarize").to_json()
    assert step == {
        "id": "summarize",
        "index": 1,
        "name": "summarize",
        "type": "agent",
        "agent": "summarizer",
        "mode": "BUILD",
        "dependsOn": ["fetch"],
        "input": {"context": {"rows": "{{ steps.fetch.rows }}"}},
        "outputMapping": {},
        "checkpoint": None,
        "retry": {
            "retryCount": 0,
            "initialDelaySeconds": 2,
            "backoffMultiplier": 2.0,
            "maxDelaySeconds": 60,
            "strategy": "exponential",
            "allowSkip": True,
            "notifyHuman": False,
        },
        "timeoutSeconds": 120,
        "when": None,
        "forEach": None,
        "child": None,
        "continueOnFailure": False,
        "onChildFailure": "fail",
        "cache": None,
        "priority": 1,
        "reads": ["fetch"],
        "itemReads": None,
        "parameterTypes": {},
    }


def test_a_field_that_a_stored_plan_lacks_has_its_default() -> None:
    stored = plan_of(EXAMPLE).to_json()
    for field in ("when", "forEach", "child", "cache", "priority"):
        del stored["steps"][1][field]
    assert Plan.from_json(stored).step("summarize") == plan_of(EXAMPLE).step("summarize")


def test_an_option_without_a_label_is_labelled_by_its_action() -> None:
    checkpoint = plan_of(EXAMPLE).step("fetch").checkpoint
    assert checkpoint is not None
    assert [option.label for option in checkpoint.options] == ["Continue", "Retry"]
    assert checkpoint.option("abort") is None


def test_a_stored_checkpoint_is_read_beyond_the_limits_of_a_new_definition() -> None:
    stored = plan_of(EXAMPLE).to_json()
    stored["steps"][0]["checkpoint"]["question"] = "q" * (MAX_QUESTION_CHARACTERS + 1)
    stored["steps"][0]["checkpoint"]["options"][0]["label"] = "l" * (MAX_LABEL_CHARACTERS + 1)
    assert Plan.from_json(stored).to_json() == stored


def test_a_plan_with_a_newer_format_is_refused() -> None:
    with pytest.raises(PlanUnreadable, match="has format 99; this version of Baton reads format 1"):
        Plan.from_json({**plan_of(EXAMPLE).to_json(), "format": 99})


def test_an_unknown_step_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        plan_of(EXAMPLE).step("nowhere")


def test_the_step_function_imports_neither_pydantic_nor_a_jsonpath_library() -> None:
    code = (
        "import sys, baton.plan, baton.parameters, baton.output_mapping, baton.expressions, baton.compiler;"
        "baton.output_mapping.map_outputs({'a': '$.content.a'}, {'content': {}});"
        "print([name for name in ('pydantic', 'yaml', 'jsonpath_rfc9535', 'boto3', 'psycopg') if name in sys.modules])"
    )
    layer = str(ROOT / "layers" / "baton")
    loaded = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": layer}, capture_output=True, text=True)
    assert (loaded.stdout.strip(), loaded.stderr) == ("[]", "")
