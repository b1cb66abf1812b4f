"""Checks of templates and output mappings: what they refer to exists, or will exist when the step runs."""

from __future__ import annotations

from collections.abc import Iterator

from baton import output_mapping, templating
from baton.definition.models import Definition, Step
from baton.definition.problems import Path, Problem
from baton.definition.source import SourceDocument
from baton.model import CHILD_OUTPUTS, StepType
from baton.suggestions import nearest
from baton.templating import NameReference, OutputReference, Placeholder, Reference

STEPS: Path = ("orchestration", "steps")

Ancestry = dict[str, tuple[set[str], bool]]
"""Step → every step before it, and whether they are all known. The first check of a step fills its entry."""


def problems(definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    ancestry: Ancestry = {}
    for index, step in enumerate(definition.orchestration.steps):
        path = (*STEPS, index)
        for placeholder, item in _placeholders(step, path):
            problem = _template_problem(placeholder, step, definition, item, ancestry)
            if problem:
                line, column = document.locate_text(placeholder.path, placeholder.raw)
                yield Problem(document.file, line, column, placeholder.path, *problem)
        yield from _unrendered(step, path, document)
        yield from _items(step, path, definition, document)
        for name, json_path in step.output_mapping.items():
            try:
                output_mapping.check_path(json_path)
            except output_mapping.MappingInvalid as error:
                yield document.problem((*path, "output_mapping", name), str(error))


def _placeholders(step: Step, path: Path) -> Iterator[tuple[Placeholder, str | None]]:
    """Every placeholder of a step's templates, and the name that an item has there."""
    for placeholder in templating.placeholders(step.for_each, (*path, "for_each")):
        yield placeholder, None
    for placeholder in templating.placeholders(step.input, (*path, "input")):
        yield placeholder, None if step.for_each is None else step.item
    if step.orchestration is not None:
        inside = (*path, "orchestration", "parameters")
        for placeholder in templating.placeholders(step.orchestration.parameters, inside):
            yield placeholder, None


def _unrendered(step: Step, path: Path, document: SourceDocument) -> Iterator[Problem]:
    """References in places that are not templates: people or agents would see the braces."""
    texts: list[tuple[Path, str | None]] = [((*path, "name"), step.name)]
    if step.checkpoint_after is not None:
        inside = (*path, "checkpoint_after")
        texts.append(((*inside, "question"), step.checkpoint_after.question))
        texts += [
            ((*inside, "options", index, "label"), option.label)
            for index, option in enumerate(step.checkpoint_after.options)
        ]
    for place, text in texts:
        for placeholder in templating.placeholders(text, place):
            message = f"`{placeholder.raw}` is not filled in here; references go into `input`"
            yield Problem(document.file, *document.locate_text(place, placeholder.raw), place, message)
    for place in templating.keys_with_placeholders(step.input, (*path, "input")):
        message = f"`{place[-1]}` is not filled in: a reference can be a value, not the name of a field"
        yield document.problem(place, message, at_key=True)


def _template_problem(
    placeholder: Placeholder, step: Step, definition: Definition, item: str | None, ancestry: Ancestry
) -> tuple[str, str | None] | None:
    """Message and suggestion, or None if the reference is valid."""
    try:
        reference = templating.parse_reference(placeholder)
    except templating.TemplateInvalid as error:
        return str(error), None
    return reference_problem(reference, step, definition, item, ancestry)


def reference_problem(
    reference: Reference, step: Step, definition: Definition, item: str | None, ancestry: Ancestry
) -> tuple[str, str | None] | None:
    """Message and suggestion, or None if the reference is valid. ``item`` is the name of an item in this place."""
    if isinstance(reference, OutputReference):
        return _output_problem(reference, step, definition, ancestry)
    return name_problem(reference, definition, item)


def name_problem(reference: NameReference, definition: Definition, item: str | None) -> tuple[str, str | None] | None:
    if reference.name == item and not reference.is_parameter:
        return None
    known = [parameter.name for parameter in definition.orchestration.parameters]
    if reference.name not in known:
        return f"there is no parameter `{reference.name}`", nearest(reference.name, [*known, *([item] if item else [])])
    if reference.fields:
        return f"a parameter is used as a whole; write {{{{ {reference.name} }}}}", None
    return None


def _output_problem(
    reference: OutputReference, step: Step, definition: Definition, ancestry: Ancestry
) -> tuple[str, str | None] | None:
    steps = {one.id: one for one in definition.orchestration.steps}
    source = steps.get(reference.step_id)
    if step.id not in ancestry:
        ancestry[step.id] = _ancestors(step, steps)
    before, complete = ancestry[step.id]
    if source is None and reference.step_id in step.depends_on:
        return None  # reported where it stands in `depends_on`
    if source is None:
        others = [step_id for step_id in steps if step_id != step.id]
        return f"there is no step `{reference.step_id}`", nearest(reference.step_id, others)
    if source is step:
        return "a step cannot read its own output", None
    if source.id not in before and not complete:
        return None  # perhaps a `depends_on` misspells its name, which is reported there
    if source.id not in before:
        return (
            f"`{step.id}` does not wait for the step `{source.id}`, so its output may not be there yet; "
            f"add `{source.id}` to its `depends_on`"
        ), None
    if source.type is StepType.ORCHESTRATION:
        return _child_output_problem(reference)
    if reference.output not in source.output_mapping:
        mapped = ", ".join(f"`{name}`" for name in source.output_mapping) or "nothing"
        return (
            f"the step `{source.id}` has no output `{reference.output}`; its `output_mapping` names {mapped}",
            nearest(reference.output, source.output_mapping),
        )
    if reference.fields:
        whole = f"{{{{ steps.{source.id}.{reference.output} }}}}"
        return f"an output is used as a whole; write {whole}, or map the field in `output_mapping`", None
    return None


def _child_output_problem(reference: OutputReference) -> tuple[str, str | None] | None:
    """Problems that do not depend on the child (see ``children`` for the others)."""
    if reference.output not in CHILD_OUTPUTS:
        listed = ", ".join(f"`{name}`" for name in CHILD_OUTPUTS)
        message = f"the step `{reference.step_id}` runs an orchestration and has no output `{reference.output}`"
        return f"{message}; it has {listed}", nearest(reference.output, CHILD_OUTPUTS)
    if reference.fields and not CHILD_OUTPUTS[reference.output]:
        return f"`{reference.output}` has no fields; write {{{{ steps.{reference.step_id}.{reference.output} }}}}", None
    return None


def _items(step: Step, path: Path, definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    """``for_each`` over a parameter that is no list."""
    whole = templating.whole_reference(step.for_each) if isinstance(step.for_each, str) else None
    if whole is None:
        return
    types = {parameter.name: parameter.type for parameter in definition.orchestration.parameters}
    try:
        reference = templating.parse_reference(whole)
    except templating.TemplateInvalid:
        return  # reported as such
    if not isinstance(reference, NameReference) or reference.name not in types:
        return  # an output, or reported as unknown
    declared = types[reference.name]
    if declared.item is None:
        message = f"`for_each` needs a list, and `{reference.name}` is of type `{declared}`"
        yield document.problem((*path, "for_each"), message)


def _ancestors(step: Step, steps: dict[str, Step]) -> tuple[set[str], bool]:
    """Every step before ``step``, and whether they all exist. Cycles are reported elsewhere and do no harm here."""
    ancestors: set[str] = set()
    ahead = list(step.depends_on)
    while ahead:
        before = ahead.pop()
        if before not in ancestors:
            ancestors.add(before)
            ahead.extend(steps[before].depends_on if before in steps else ())
    return ancestors & steps.keys() - {step.id}, ancestors <= steps.keys()
