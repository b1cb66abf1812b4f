"""What a step says about itself, field against field: who does it, how often, what happens when it fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from baton import templating
from baton.definition.checks import RESERVED
from baton.definition.models import MAX_STEP_SECONDS, SAME, Definition, ErrorHandling, Step
from baton.definition.problems import Path, Problem
from baton.definition.source import SourceDocument
from baton.model import Decision, StepType
from baton.plan import MAX_ITEMS
from baton.suggestions import nearest

STEPS: Path = ("orchestration", "steps")
CACHING: Path = ("orchestration", "execution", "caching")


def problems(definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    parameters = [parameter.name for parameter in definition.orchestration.parameters]
    for index, step in enumerate(definition.orchestration.steps):
        path = (*STEPS, index)
        yield from _doer(step, path, document)
        yield from _fan_out(step, path, parameters, document)
        yield from _checkpoint(step, (*path, "checkpoint_after"), document)
    yield from _policies(definition, document)
    yield from _caching(definition, document)


def _doer(step: Step, path: Path, document: SourceDocument) -> Iterator[Problem]:
    """An agent's step has what an agent needs, an orchestration's what a child run needs."""
    match step.type:
        case StepType.AGENT:
            yield from _agent(step, path, document)
            yield from _foreign(("orchestration", "on_child_failure"), step, path, document)
        case StepType.ORCHESTRATION:
            yield from _orchestration(step, path, document)
            yield from _foreign(("input", "output_mapping", "for_each", "continue_on_failure"), step, path, document)
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


def _foreign(names: Sequence[str], step: Step, path: Path, document: SourceDocument) -> Iterator[Problem]:
    for name in names:
        if name in step.model_fields_set:
            yield document.problem((*path, name), _FOREIGN[name].format(id=step.id), at_key=True)


_FOREIGN = {
    "orchestration": "`{id}` is a step of `type: agent`; `orchestration` belongs to `type: orchestration`",
    "on_child_failure": "`{id}` starts no child run; a step of `type: agent` says `continue_on_failure: true`",
    "input": "`{id}` is a step of `type: orchestration`; what the child is given stands in `orchestration.parameters`",
    "output_mapping": "the outputs of an orchestration step are fixed; name them as {{{{ steps.{id}.results }}}}",
    "for_each": "`for_each` is for steps of `type: agent`; a child run may have such steps itself",
    "continue_on_failure": "a step of `type: orchestration` says `on_child_failure: continue`",
}


def _fan_out(step: Step, path: Path, parameters: list[str], document: SourceDocument) -> Iterator[Problem]:
    if step.for_each is None:
        for name, field in (("as", "item"), ("max_parallel", "max_parallel")):
            if field in step.model_fields_set:
                yield document.problem((*path, name), f"`{name}` belongs to `for_each`, which is missing", at_key=True)
        return
    if isinstance(step.for_each, list):
        if len(step.for_each) > MAX_ITEMS:
            message = f"`for_each` has {len(step.for_each)} items; {MAX_ITEMS} is the most"
            yield document.problem((*path, "for_each"), message)
    elif not isinstance(step.for_each, str) or templating.whole_reference(step.for_each) is None:
        message = "`for_each` must be a list or one reference to a list, like {{ parameters.regions }}"
        yield document.problem((*path, "for_each"), message)
    if step.item in parameters or step.item in RESERVED:
        what = "a parameter" if step.item in parameters else "a word of templates and expressions"
        message = f"`{step.item}` is {what} already; name the item otherwise with `as`"
        yield document.problem((*path, "as" if "item" in step.model_fields_set else "for_each"), message)


def _checkpoint(step: Step, path: Path, document: SourceDocument) -> Iterator[Problem]:
    checkpoint = step.checkpoint_after
    if checkpoint is None:
        return
    actions = [option.action for option in checkpoint.options]
    if Decision.CONTINUE not in actions:
        message = "a checkpoint needs an option with `action: continue`, or nobody can leave it"
        yield document.problem((*path, "options"), message, at_key=True)
    for index, action in enumerate(actions):
        if action in actions[:index]:
            message = f"the action `{action}` is there twice; a checkpoint has one option an action"
            yield document.problem((*path, "options", index, "action"), message)
        elif checkpoint.options[index].allows_modification and not action.takes_modifications:
            message = f"`allows_modification` goes with `action: retry`; `{action}` runs nothing to be changed"
            yield document.problem((*path, "options", index, "allows_modification"), message, at_key=True)
    if checkpoint.on_timeout is not None and checkpoint.timeout_seconds is None:
        message = "`on_timeout` says what happens after `timeout_seconds`, which is missing"
        yield document.problem((*path, "on_timeout"), message, at_key=True)


def _policies(definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    """Two fields that say one thing, and a longest delay below the first: in the orchestration's policy or a step's."""
    general = definition.orchestration.error_handling
    found: list[tuple[Path, ErrorHandling, bool]] = [(("orchestration", "error_handling"), general, True)]
    for index, step in enumerate(definition.orchestration.steps):
        if step.error_handling is not None:
            found.append(((*STEPS, index, "error_handling"), step.error_handling, False))
    for path, handling, is_general in found:
        said = handling.on_step_failure
        inside = (*path, "on_step_failure")
        for one, other in SAME:
            if {one, other} <= said.model_fields_set:
                names = (document.key_in(inside, one), document.key_in(inside, other))
                message = f"`{names[1]}` says again what `{names[0]}` says; keep one of them"
                yield document.problem((*inside, names[1]), message, at_key=True)
        policy = said if is_general else general.on_step_failure.changed_by(said)
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
            message = (
                f"`{one.id}` is a step of `type: orchestration`; what its child's steps return can be cached there"
            )
            yield document.problem((*path, "id"), message)
        elif one.id in [other.id for other in caching.steps[:index]]:
            yield document.problem((*path, "id"), f"the step `{one.id}` is there twice")
        elif caching.enabled and one.enabled and one.ttl_seconds is None and caching.ttl_seconds is None:
            message = f"`ttlSeconds` is missing for `{one.id}`, here or in `caching` for all steps"
            yield document.problem(path, message)
