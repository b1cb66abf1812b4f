"""Checks beyond the shape of a file: ids are unique, dependencies exist and have no cycle, defaults fit their type.
``step_checks`` has the checks within a step, ``expression_checks`` those of expressions."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import assert_never

from baton import parameters
from baton.definition.accepted import schema_problems
from baton.definition.agents import AgentDefinition
from baton.definition.models import Definition, Parameter, Step
from baton.definition.problems import Path, Problem
from baton.definition.source import SourceDocument
from baton.model import AgentKind
from baton.suggestions import nearest

STEPS: Path = ("orchestration", "steps")
PARAMETERS: Path = ("orchestration", "parameters")

RESERVED = {"steps", "parameters", "true", "false", "null", "and", "or", "not", "in"}


def problems(definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    """All problems except those of the steps' own settings, expressions and templates."""
    yield from _duplicates("step", STEPS, "id", [step.id for step in definition.orchestration.steps], document)
    yield from _dependencies(definition.orchestration.steps, document)
    yield from _cycles(definition.orchestration.steps, document)
    names = [parameter.name for parameter in definition.orchestration.parameters]
    yield from _duplicates("parameter", PARAMETERS, "name", names, document)
    for index, parameter in enumerate(definition.orchestration.parameters):
        yield from _parameter(parameter, (*PARAMETERS, index), document)


def agent_problems(agent: AgentDefinition, document: SourceDocument) -> Iterator[Problem]:
    has_transport = agent.agent.transport is not None
    match agent.agent.kind:
        case AgentKind.AGENT:
            if not has_transport:
                yield document.problem(("agent",), "`transport` is missing: it says how this agent is reached")
            if agent.agent.orchestrations:
                message = "only an agent of `kind: orchestrator` owns orchestrations"
                yield document.problem(("agent", "orchestrations"), message, at_key=True)
        case AgentKind.ORCHESTRATOR:
            if has_transport:
                message = "an orchestrator is not called, so it has no `transport`"
                yield document.problem(("agent", "transport"), message, at_key=True)
            if agent.agent.accepts is not None:
                message = "an orchestrator is not called, so it accepts nothing"
                yield document.problem(("agent", "accepts"), message, at_key=True)
        case _:
            assert_never(agent.agent.kind)
    for path, message in schema_problems(agent.agent.accepts or {}):
        yield document.problem(("agent", "accepts", *path), message)


def _duplicates(noun: str, within: Path, field: str, values: list[str], document: SourceDocument) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value in first:
            line, _ = document.locate((*within, first[value], field))
            message = f"the {noun} {field} `{value}` is taken by the {noun} in line {line}"
            yield document.problem((*within, index, field), message)
        first.setdefault(value, index)


def _dependencies(steps: list[Step], document: SourceDocument) -> Iterator[Problem]:
    known = [step.id for step in steps]
    for index, step in enumerate(steps):
        for position, before in enumerate(step.depends_on):
            path = (*STEPS, index, "depends_on", position)
            if before == step.id:
                yield document.problem(path, f"the step `{step.id}` depends on itself")
            elif before not in known:
                others = [step_id for step_id in known if step_id != step.id]
                yield document.problem(path, f"there is no step `{before}`", nearest(before, others))
            elif before in step.depends_on[:position]:
                yield document.problem(path, f"`{before}` is named twice")


def _cycles(steps: list[Step], document: SourceDocument) -> Iterator[Problem]:
    """The first cycle, at the dependency that closes it. A step that depends on itself is reported elsewhere."""
    graph = {step.id: [before for before in step.depends_on if before != step.id] for step in steps}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]  # in the order of the work, the first step again at the end
        index = next(index for index, step in enumerate(steps) if step.id == circle[0])
        path = (*STEPS, index, "depends_on", steps[index].depends_on.index(circle[-2]))
        yield document.problem(path, "the steps depend on each other in a circle: " + " → ".join(circle))


def _parameter(parameter: Parameter, path: Path, document: SourceDocument) -> Iterator[Problem]:
    if parameter.name in RESERVED:
        yield document.problem(
            (*path, "name"), f"`{parameter.name}` is a word of templates and expressions; choose another name"
        )
    item_type = parameter.type.item or parameter.type
    bad_enum = False
    for index, option in enumerate(parameter.enum or []):
        problem = parameters.type_problem(item_type, option)
        if problem:
            bad_enum = True
            yield document.problem((*path, "enum", index), f"a value of `enum` {problem}")
    if parameter.default is None:
        return
    if parameter.required:
        message = "`default` replaces a missing value, but `required: true` refuses one; keep one of the two"
        yield document.problem((*path, "default"), message, at_key=True)
    problem = parameters.sent_problem(parameter.type, parameter.default)
    if problem is None and parameter.enum is not None and not bad_enum:
        problem = parameters.enum_problem(tuple(parameter.enum), parameter.default)
    if problem:
        yield document.problem((*path, "default"), f"`default` {problem}")
