"""Checks of an orchestration step against its child definition: the child's parameters, and references to its
outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baton import parameters, templating
from baton.definition.models import Definition
from baton.definition.problems import Path, Problem
from baton.definition.source import SourceDocument
from baton.model import CHILD_OUTPUTS
from baton.plan import Plan, Step
from baton.suggestions import nearest
from baton.templating import OutputReference

STEPS: Path = ("orchestration", "steps")

Plans = Mapping[str, Plan]


def problems(definition: Definition, document: SourceDocument, known: Plans) -> Iterator[Problem]:
    """Problems with the child definitions that are ``known``, by name. Skips a step that names another version."""
    children: dict[str, Plan] = {}
    for index, step in enumerate(definition.orchestration.steps):
        if step.orchestration is None:
            continue
        child = known.get(step.orchestration.name)
        if child is not None and step.orchestration.version in (None, child.version):
            children[step.id] = child
            path = (*STEPS, index, "orchestration", "parameters")
            yield from _parameter_problems(step.orchestration.parameters, child, path, document)
    for placeholder in _placeholders(definition):
        try:
            reference = templating.parse_reference(placeholder)
        except templating.TemplateInvalid:
            continue  # reported by ``references``
        if isinstance(reference, OutputReference) and reference.step_id in children:
            problem = _output_problem((reference.output, *reference.fields), children[reference.step_id], known)
            if problem:
                line, column = document.locate_text(placeholder.path, placeholder.raw)
                yield Problem(document.file, line, column, placeholder.path, *problem)


def _placeholders(definition: Definition) -> Iterator[templating.Placeholder]:
    for index, step in enumerate(definition.orchestration.steps):
        for field in ("when", "for_each", "input"):
            yield from templating.placeholders(getattr(step, field), (*STEPS, index, field))
        if step.orchestration is not None:
            path = (*STEPS, index, "orchestration", "parameters")
            yield from templating.placeholders(step.orchestration.parameters, path)


def _parameter_problems(
    values: Mapping[str, Any], child: Plan, path: Path, document: SourceDocument
) -> Iterator[Problem]:
    names = [parameter.name for parameter in child.parameters]
    for name in values:
        if name not in names:
            message = f"`{name}` is not a parameter of `{child.name}`"
            yield document.problem((*path, name), message, nearest(name, names), at_key=True)
    for parameter in child.parameters:
        value = values.get(parameter.name)
        if value is None:
            if parameter.required and parameter.default is None:
                message = f"`{child.name}` needs its parameter `{parameter.name}` ({parameter.type})"
                yield document.problem(path, message)
        elif not any(templating.placeholders(value)):
            problem = parameters.value_problem(parameter, value)
            if problem:
                yield document.problem((*path, parameter.name), f"`{parameter.name}` of `{child.name}` {problem}")


def _output_problem(output: tuple[str, ...], child: Plan, known: Plans) -> tuple[str, str | None] | None:
    """Message and suggestion if a run of ``child`` cannot have the output at the path ``output``."""
    match output:
        case ("results", step_id, *below):
            steps = {step.id: step for step in child.steps}
            if step_id not in steps:
                return f"`{child.name}` has no step `{step_id}`", nearest(step_id, steps)
            return _step_output_problem(tuple(below), steps[step_id], child, known)
        case ("parameters", name, *_):
            names = [parameter.name for parameter in child.parameters]
            if name not in names:
                return f"`{child.name}` has no parameter `{name}`", nearest(name, names)
    return None


def _step_output_problem(
    output: tuple[str, ...], step: Step, child: Plan, known: Plans
) -> tuple[str, str | None] | None:
    if not output:
        return None
    outputs = step.output_mapping if step.child is None else CHILD_OUTPUTS
    if output[0] not in outputs:
        listed = ", ".join(f"`{name}`" for name in outputs) or "nothing"
        message = f"the step `{step.id}` of `{child.name}` has no output `{output[0]}`; it has {listed}"
        return message, nearest(output[0], outputs)
    if step.child is None:
        if len(output) > 1:
            return f"the output `{output[0]}` of `{child.name}` is used as a whole, without `.{output[1]}`", None
        return None
    grandchild = known.get(step.child.name)
    if grandchild is None or step.child.version not in (None, grandchild.version):
        return None
    return _output_problem(output, grandchild, known)
