"""The example of docs/definitions.md is a definition that works."""

from __future__ import annotations

import re
from pathlib import Path

from baton.compiler import compile_machine
from baton.definition.models import Checkpoint, Concurrency, Execution, Step, StepFailurePolicy
from cli.authoring.checker import check
from tests.unit.examples import plan_of

PAGE = Path(__file__).resolve().parents[3] / "docs" / "definitions.md"


def test_the_example_of_the_manual_compiles() -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert check(compile_machine(plan_of(text)).asl) == ()


def test_every_field_of_a_definition_is_in_the_manual() -> None:
    text = PAGE.read_text(encoding="utf-8").lower().replace("_", "")
    sections = (Step, StepFailurePolicy, Checkpoint, Execution, Concurrency)
    fields = {field.alias or name for section in sections for name, field in section.model_fields.items()}
    assert [name for name in sorted(fields) if name.replace("_", "") not in text] == []
