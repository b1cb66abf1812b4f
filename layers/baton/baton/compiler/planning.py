"""Definition → plan: the plan has a value for every default, and every reference of the definition is resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, assert_never

from baton import expressions, templating
from baton.model import Backoff, ParameterType, StepType
from baton.plan import (
    DEFAULT_MAX_ITEMS,
    MAX_EXECUTION_SECONDS,
    Cache,
    Checkpoint,
    CheckpointOption,
    Child,
    Constraint,
    ForEach,
    Parameter,
    Plan,
    Retry,
    Step,
)
from baton.templating import OutputReference

if TYPE_CHECKING:  # the models are pydantic's, and the plan is read where pydantic is not loaded
    from baton.definition import models

DEFAULT_STEP_SECONDS = 120


def make_plan(definition: models.Definition, owner: str = "") -> Plan:
    """The plan of a checked definition. ``owner`` is the slug of the orchestrator whose agent file lists it."""
    metadata, orchestration = definition.metadata, definition.orchestration
    priorities = _priorities(orchestration.steps)
    return Plan(
        name=metadata.name,
        version=metadata.version,
        display_name=metadata.display_name,
        description=metadata.description,
        owner=owner,
        parameters=tuple(_parameter(parameter) for parameter in orchestration.parameters),
        constraints=tuple(
            Constraint(_spelled_out(one.rule, orchestration.parameters), one.message)
            for one in orchestration.constraints
        ),
        steps=tuple(
            _step(step, index, orchestration, priorities[step.id]) for index, step in enumerate(orchestration.steps)
        ),
        timeout_seconds=orchestration.execution.timeout_seconds or MAX_EXECUTION_SECONDS,
        max_parallel=orchestration.execution.concurrency.max_parallel,
        caching=_caching(orchestration.execution.caching),
    )


def _parameter(parameter: models.Parameter) -> Parameter:
    return Parameter(
        name=parameter.name,
        type=parameter.type,
        required=parameter.required,
        default=parameter.default,
        enum=None if parameter.enum is None else tuple(parameter.enum),
        description=parameter.description,
    )


def _step(step: models.Step, index: int, orchestration: models.Orchestration, priority: int) -> Step:
    return Step(
        id=step.id,
        index=index,
        name=step.name or step.id,
        type=step.type,
        agent=step.agent or "",
        mode=step.mode,
        depends_on=tuple(step.depends_on),
        input=step.input,
        output_mapping=step.output_mapping,
        checkpoint=None if step.checkpoint_after is None else _checkpoint(step.checkpoint_after),
        retry=_retry(orchestration.error_handling.on_step_failure, step.error_handling),
        timeout_seconds=step.timeout_seconds or _default_seconds(step.type),
        when=_condition(step, orchestration.parameters),
        for_each=_for_each(step),
        child=None if step.orchestration is None else _child(step.orchestration),
        continue_on_failure=step.continue_on_failure,
        on_child_failure=step.on_child_failure,
        cache=None if step.type is not StepType.AGENT else _cache(step.id, orchestration.execution.caching),
        priority=priority,
        reads=_reads((step.input, step.when, step.for_each, _child_parameters(step)), orchestration.steps),
        item_reads=None if step.for_each is None else _reads(step.input, orchestration.steps),
        parameter_types=_parameter_types(step, orchestration.parameters),
    )


def _for_each(step: models.Step) -> ForEach | None:
    if step.for_each is None:
        return None
    return ForEach(step.for_each, step.item, step.max_parallel, step.max_items or DEFAULT_MAX_ITEMS)


def _default_seconds(kind: StepType) -> int:
    match kind:
        case StepType.AGENT:
            return DEFAULT_STEP_SECONDS
        case StepType.ORCHESTRATION:
            return MAX_EXECUTION_SECONDS
        case _:
            assert_never(kind)


def _child_parameters(step: models.Step) -> Mapping[str, Any] | None:
    return None if step.orchestration is None else step.orchestration.parameters


def _reads(templates: Any, steps: Sequence[models.Step]) -> tuple[str, ...]:
    """The ids of the steps whose outputs the templates (a condition is one) refer to."""
    read = {one.step_id for one in templating.references(templates) if isinstance(one, OutputReference)}
    return tuple(one.id for one in steps if one.id in read)


def _spelled_out(expression: str, parameters: Sequence[models.Parameter]) -> str:
    return expressions.spelled_out(expression, [one.name for one in parameters])


def _condition(step: models.Step, parameters: Sequence[models.Parameter]) -> str | None:
    return None if step.when is None else _spelled_out(step.when, parameters)


def _parameter_types(step: models.Step, parameters: Sequence[models.Parameter]) -> dict[str, ParameterType]:
    """The types of the parameters that the step's condition compares."""
    declared = {one.name: one.type for one in parameters}
    when = _condition(step, parameters)
    compared = frozenset() if when is None else expressions.parameters_of(when, declared)
    return {name: type_name for name, type_name in declared.items() if name in compared}


def _child(child: models.ChildOrchestration) -> Child:
    return Child(name=child.name, version=child.version, parameters=child.parameters)


def _caching(caching: models.Caching | None) -> Cache | None:
    if caching is None or not caching.enabled or caching.ttl_seconds is None:
        return None
    return Cache(caching.ttl_seconds)


def _cache(step_id: str, caching: models.Caching | None) -> Cache | None:
    """The entry of the step, else that for all steps."""
    if caching is None or not caching.enabled:
        return None
    for own in caching.steps:
        if own.id == step_id:
            ttl_seconds = own.ttl_seconds or caching.ttl_seconds
            return Cache(ttl_seconds) if own.enabled and ttl_seconds else None
    return _caching(caching)


def _priorities(steps: Sequence[models.Step]) -> dict[str, int]:
    """Step id → number of steps on the longest path from it to the end, with itself."""
    longest = {step.id: 1 for step in steps}
    depends_on = {step.id: step.depends_on for step in steps}
    for step_id in reversed(list(TopologicalSorter(depends_on).static_order())):
        for before in depends_on[step_id]:
            longest[before] = max(longest[before], longest[step_id] + 1)
    return longest


def _checkpoint(checkpoint: models.Checkpoint) -> Checkpoint:
    return Checkpoint(
        question=checkpoint.question,
        required=checkpoint.required,
        options=tuple(
            CheckpointOption(
                action=option.action,
                label=option.label or option.action.capitalize(),
                allows_modification=option.allows_modification,
            )
            for option in checkpoint.options
        ),
        timeout_seconds=checkpoint.timeout_seconds,
        on_timeout=checkpoint.on_timeout,
    )


def _retry(general: models.StepFailurePolicy, own: models.ErrorHandling | None) -> Retry:
    policy = general if own is None else general.changed_by(own.on_step_failure)
    return Retry(
        retry_count=policy.retries,
        initial_delay_seconds=policy.first_delay_seconds,
        backoff_multiplier=_multiplier(policy),
        max_delay_seconds=policy.max_wait_seconds,
        strategy=policy.strategy,
        allow_skip=policy.allow_skip,
        notify_human=policy.notify_human,
    )


def _multiplier(policy: models.StepFailurePolicy) -> float:
    """The factor between two waits.

    Step Functions knows geometric growth only. For ``linear`` (d, 2d, 3d, … nd), the factor gives the same first and
    last wait, or reaches the longest delay after the same number of waits. With up to two retries that is exact; with
    more, the waits between are somewhat shorter.
    """
    match policy.strategy:
        case Backoff.FIXED:
            return 1.0
        case Backoff.EXPONENTIAL:
            return policy.backoff_multiplier
        case Backoff.LINEAR:
            return _linear_multiplier(policy)
        case _:
            assert_never(policy.strategy)


def _linear_multiplier(policy: models.StepFailurePolicy) -> float:
    growing = min(policy.retries, policy.max_wait_seconds // policy.first_delay_seconds)
    return round(growing ** (1 / (growing - 1)), 4) if growing > 1 else 1.0
