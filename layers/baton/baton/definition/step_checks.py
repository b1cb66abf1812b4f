"""Checks within a step: its work, its items, its checkpoint, its policy for failures; and the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from baton import templating
from baton.definition.checks import RESERVED
from baton.definition.models import MAX_STEP_SECONDS, SYNONYMS, Definition, ErrorHandling, Step
from baton.definition.problems import Path, Problem
from baton.definition.source import SourceDocument
from baton.model import Decision, StepType
from baton.plan import DEFAULT_MAX_ITEMS, MAX_ITEMS_AT_ONCE
from baton.suggestions import nearest

STEPS: Path = ("orchestration", "steps")
CACHING: Path = ("orchestration", "execution", "caching")


def problems(definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    parameters = [parameter.name for parameter in definition.orchestration.parameters]
    for index, step in enumerate(definition.orchestration.steps):
        path = (*STEPS, index)
        yield from _work(step, path, document)
        yield from _items(step, path, parameters, document)
        yield from _checkpoint(step, (*path, "checkpoint_after"), document)
    yield from _policies(definition, document)
    yield from _caching(definition, document)


def _work(step: Step, path: Path, document: SourceDocument) -> Iterator[Problem]:
    """Missing fields, and fields that belong to the other type of steps."""
    match step.type:
        case StepType.AGENT:
            yield from _agent(step, path, document)
            yield from _misplaced(("orchestration", "on_child_failure"), step, path, document)
        case StepType.ORCHESTRATION:
            yield from _orchestration(step, path, document)
            yield from _misplaced(("input", "output_mapping", "for_each", "continue_on_failure"), step, path, document)
        case _:
            assert_never(step.type)


def _agent(step: Step, path: Path, document: SourceDocument) -> Iterator[Problem]:
    if step.agent is None:
        yield document.problem(path, f"`agent` is missing in the step `{step.id}`: it says who does the work")
    if step.timeout_seconds is not None and step.timeout_seconds > MAX_STEP_SECONDS:
        message = f"`timeout_seconds` must be at most {MAX_STEP_SECONDS}"
        yield document.problem((*path, "timeout_seconds"), message)


def _orchestration(step: Step, path: Path, document: SourceDocument) -> Iterator[Problem]:
    if step.orchestration is not None:
        return
    if "orchestration" in step.model_fields_set:
        message = "`orchestration` is empty; it names the definition to run, like {name: kpi-tracking}"
        yield document.problem((*path, "orchestration"), message, at_key=True)
    else:
        message = f"`orchestration` is missing in the step `{step.id}`: it names the definition to run"
        yield document.problem(path, message)


def _misplaced(names: Sequence[str], step: Step, path: Path, document: SourceDocument) -> Iterator[Problem]:
    for name in names:
        if name in step.model_fields_set:
            yield document.problem((*path, name), _MISPLACED[name].format(id=step.id), at_key=True)


_MISPLACED = {
    "orchestration": "`{id}` is a step of `type: agent`; `orchestration` belongs to `type: orchestration`",
    "on_child_failure": "`{id}` starts no child run; use `continue_on_failure: true`",
    "input": "`{id}` is a step of `type: orchestration`; the input of the child is `orchestration.parameters`",
    "output_mapping": "the outputs of an orchestration step are fixed; name them as {{{{ steps.{id}.results }}}}",
    "for_each": "`for_each` is for steps of `type: agent`; a child run may have such steps itself",
    "continue_on_failure": "a step of `type: orchestration` has `on_child_failure: continue` instead",
}


def _items(step: Step, path: Path, parameters: list[str], document: SourceDocument) -> Iterator[Problem]:
    if step.for_each is None:
        for name, field in (("as", "item"), ("max_parallel", "max_parallel"), ("max_items", "max_items")):
            if field in step.model_fields_set:
                yield document.problem((*path, name), f"`{name}` belongs to `for_each`, which is missing", at_key=True)
        return
    if isinstance(step.for_each, list):
        limit = step.max_items or DEFAULT_MAX_ITEMS
        if len(step.for_each) > limit:
            message = f"`for_each` has {len(step.for_each)} items; `max_items` allows {limit}"
            yield document.problem((*path, "for_each"), message)
    elif not isinstance(step.for_each, str) or templating.whole_reference(step.for_each) is None:
        message = "`for_each` must be a list or one reference to a list, like {{ parameters.regions }}"
        yield document.problem((*path, "for_each"), message)
    if step.max_parallel is not None and step.max_parallel > MAX_ITEMS_AT_ONCE:
        message = f"`max_parallel` is at most {MAX_ITEMS_AT_ONCE}, the limit of Step Functions for a Map"
        yield document.problem((*path, "max_parallel"), message)
    if step.item in parameters or step.item in RESERVED:
        what = "a parameter" if step.item in parameters else "a word of templates and expressions"
        message = f"`{step.item}` is {what} already; give the item another name with `as`"
        yield document.problem((*path, "as" if "item" in step.model_fields_set else "for_each"), message)


def _checkpoint(step: Step, path: Path, document: SourceDocument) -> Iterator[Problem]:
    checkpoint = step.checkpoint_after
    if checkpoint is None:
        return
    actions = [option.action for option in checkpoint.options]
    if Decision.CONTINUE not in actions:
        message = "a checkpoint needs an option with `action: continue`; without it, the run cannot go on"
        yield document.problem((*path, "options"), message, at_key=True)
    for index, action in enumerate(actions):
        if action in actions[:index]:
            message = f"the action `{action}` is there twice; a checkpoint has one option an action"
            yield document.problem((*path, "options", index, "action"), message)
        elif checkpoint.options[index].allows_modification and not action.takes_modifications:
            message = f"`allows_modification` belongs to `action: retry`; `{action}` changes no input"
            yield document.problem((*path, "options", index, "allows_modification"), message, at_key=True)
    if checkpoint.on_timeout is not None and checkpoint.timeout_seconds is None:
        message = "`on_timeout` says what happens after `timeout_seconds`, which is missing"
        yield document.problem((*path, "on_timeout"), message, at_key=True)


def _policies(definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    """Two fields with one meaning, and a longest delay below the first, in the policies of the orchestration and its
    steps."""
    general = definition.orchestration.error_handling
    sections: list[tuple[Path, ErrorHandling, bool]] = [(("orchestration", "error_handling"), general, True)]
    for index, step in enumerate(definition.orchestration.steps):
        if step.error_handling is not None:
            sections.append(((*STEPS, index, "error_handling"), step.error_handling, False))
    for path, handling, is_general in sections:
        own = handling.on_step_failure
        inside = (*path, "on_step_failure")
        for one, other in SYNONYMS:
            if {one, other} <= own.model_fields_set:
                names = (document.key_in(inside, one), document.key_in(inside, other))
                message = f"`{names[1]}` and `{names[0]}` mean the same; keep one of them"
                yield document.problem((*inside, names[1]), message, at_key=True)
        policy = own if is_general else general.on_step_failure.changed_by(own)
        if policy.max_delay_seconds is not None and policy.max_delay_seconds < policy.first_delay_seconds:
            name = document.key_in(inside, "max_delay_seconds")
            message = f"`{name}` is below the initial delay ({policy.first_delay_seconds} s)"
            yield document.problem((*inside, name), message)


def _caching(definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    caching = definition.orchestration.execution.caching
    if caching is None:
        return
    if caching.enabled and caching.ttl_seconds is None and not caching.steps:
        message = "`ttlSeconds` is missing in `caching`: it says for how long a result may be used again"
        yield document.problem(CACHING, message)
    types = {step.id: step.type for step in definition.orchestration.steps}
    for index, one in enumerate(caching.steps):
        path = (*CACHING, "steps", index)
        if one.id not in types:
            yield document.problem((*path, "id"), f"there is no step `{one.id}`", nearest(one.id, types))
        elif types[one.id] is not StepType.AGENT:
            message = f"`{one.id}` is a step of `type: orchestration`; the child's definition can cache its own steps"
            yield document.problem((*path, "id"), message)
        elif one.id in [other.id for other in caching.steps[:index]]:
            yield document.problem((*path, "id"), f"the step `{one.id}` is there twice")
        elif caching.enabled and one.enabled and one.ttl_seconds is None and caching.ttl_seconds is None:
            message = f"`ttlSeconds` is missing for `{one.id}`, here or in `caching` for all steps"
            yield document.problem(path, message)
