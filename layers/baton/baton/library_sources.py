"""One YAML text → an agent or a definition to publish.

A text gets the same checks as a file of ``definitions/``. A file is checked against the other files of its folder, a
text against the organisation's library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import assert_never

from baton import storable
from baton.agents.address_guard import AddressGuard
from baton.compiler import NotSupported, compile_machine, make_plan
from baton.definition import (
    AgentDefinition,
    DefinitionInvalid,
    Problem,
    SourceDocument,
    children,
    lineage,
    parse_agent,
    parse_definition,
    step_agents,
)
from baton.definition.problems import dotted, raise_first
from baton.errors import AddressRefused, Invalid, SourceProblem
from baton.model import GLOBAL, TransportType
from baton.plan import Child, Plan
from baton.ports.library import Library, SubmittedAgent, SubmittedDefinition
from baton.suggestions import nearest
from baton.yaml_source import read_yaml


@dataclass(frozen=True)
class LibrarySources:
    """Reads YAML texts, and checks them against a library."""

    guard: AddressGuard

    def read_definition(self, source: str, library: Library) -> SubmittedDefinition:
        """A definition that fits the library. Raises errors.Invalid with the place of every problem."""
        try:
            document = _document(source)
            definition = parse_definition(document)
            plan = make_plan(definition, owner=library.owner_of(definition.metadata.name) or "")
            of_children = children.problems(definition, document, library.plans_for(plan))
            raise_first(chain(_definition_problems(plan, document, library), of_children))
            return SubmittedDefinition(plan, compile_machine(plan), source)
        except NotSupported as error:
            raise _invalid([document.problem(error.path, str(error))]) from error
        except DefinitionInvalid as error:
            raise _invalid(error.problems) from error

    def read_agent(self, source: str, library: Library) -> SubmittedAgent:
        """An agent that fits the library. Raises errors.Invalid with the place of every problem."""
        try:
            document = _document(source)
            definition = parse_agent(document)
            raise_first(self._agent_problems(definition, document, library))
        except DefinitionInvalid as error:
            raise _invalid(error.problems) from error
        metadata, agent = definition.metadata, definition.agent
        return SubmittedAgent(
            slug=metadata.name,
            display_name=metadata.display_name,
            description=metadata.description,
            kind=agent.kind,
            transport=None if agent.transport is None else agent.transport.model_dump(exclude_none=True),
            orchestrations=tuple(agent.orchestrations),
            source=source,
            accepts=agent.accepts,
        )

    def _agent_problems(
        self, definition: AgentDefinition, document: SourceDocument, library: Library
    ) -> Iterator[Problem]:
        name, transport = definition.metadata.name, definition.agent.transport
        known = library.agents.get(name)
        if known is not None and known.bundled:
            message = f"`{name}` is an agent of the deployment, which you cannot replace; choose another name"
            yield document.problem(("metadata", "name"), message)
        if transport is None:
            return
        match transport.type:
            case TransportType.HTTP:
                try:
                    self.guard.check(transport.url or "")
                except AddressRefused as error:
                    yield document.problem(("agent", "transport", "url"), f"`url` {error}")
            case TransportType.LAMBDA:
                message = (
                    f"a published agent is reached by `type: http`; `{transport.type}` is for agents of the deployment"
                )
                yield document.problem(("agent", "transport", "type"), message)
            case _:
                assert_never(transport.type)


def _document(source: str) -> SourceDocument:
    document = read_yaml(source, "source")
    unstorable = storable.problem(document.data)
    if unstorable:
        path, what = unstorable
        raise DefinitionInvalid([document.problem(path, f"the value {what}")])
    return document


def _definition_problems(plan: Plan, document: SourceDocument, library: Library) -> Iterator[Problem]:
    if not plan.owner:
        message = (
            f"no orchestrator that {library.organization} can use lists `{plan.name}` in its `orchestrations`; "
            "publish one first"
        )
        yield document.problem(("metadata", "name"), message)
    unknown = f"is neither in {library.organization} nor in {GLOBAL}"
    yield from step_agents.problems(plan, document, library.agents, unknown=unknown)
    yield from _lineage_problems(plan, document, library)


def _lineage_problems(plan: Plan, document: SourceDocument, library: Library) -> Iterator[Problem]:
    """Problems with the definitions that this one runs, and with those that run this one."""
    known = library.plans_for(plan)
    for step in plan.steps:
        if step.child is not None and step.child.name not in {*known, plan.name}:
            path = ("orchestration", "steps", step.index, "orchestration", "name")
            message = f"there is no orchestration `{step.child.name}` that {library.organization} can run"
            yield document.problem(path, message, nearest(step.child.name, known))
        elif step.child is not None and step.child.name in known:
            yield from _version_problems(step.index, step.child, document, library)
    own = [document.problem(path, message) for path, message in lineage.problems(plan, known, library.versions)]
    yield from own
    if own:
        return
    known = {name: definition.plan for name, definition in library.definitions.items()}
    others = {**known, plan.name: plan}
    for name, other in known.items():
        broken = [message for _, message in lineage.problems(other, others, library.versions)]
        if name != plan.name and broken and not any(lineage.problems(other, known, library.versions)):
            yield document.problem(("metadata", "name"), f"`{name}` could no longer run: {broken[0]}")


def _version_problems(step: int, child: Child, document: SourceDocument, library: Library) -> Iterator[Problem]:
    """A problem if the step names a version that does not exist."""
    versions = [version for name, version in library.versions if name == child.name]
    if child.version is not None and child.version not in versions:
        path = ("orchestration", "steps", step, "orchestration", "version")
        listed = ", ".join(versions[-5:])
        message = f"there is no version {child.version} of `{child.name}`; there is {listed}"
        yield document.problem(path, message, nearest(child.version, versions))


def _invalid(problems: Iterable[Problem]) -> Invalid:
    return Invalid(
        "The source is not valid",
        (SourceProblem(dotted(one.path), one.message, one.line, one.column, one.suggestion) for one in problems),
    )
