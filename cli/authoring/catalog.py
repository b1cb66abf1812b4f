"""A folder of definitions: ``orchestrations/*.yaml`` and ``agents/*.yaml``, read and checked against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from baton.compiler import NotSupported, compile_machine, make_plan
from baton.compiler.machine import Machine
from baton.definition import (
    Agent,
    AgentDefinition,
    Definition,
    DefinitionInvalid,
    Problem,
    SourceDocument,
    children,
    lineage,
    parse_agent,
    parse_definition,
    step_agents,
)
from baton.model import LAUNCH_MACHINE, AgentKind
from baton.plan import Plan
from baton.suggestions import nearest
from baton.yaml_source import read_yaml


@dataclass(frozen=True)
class CatalogDefinition:
    """One orchestration file: its definition, its text, and the compiler's plan and machine."""

    definition: Definition
    document: SourceDocument
    plan: Plan
    machine: Machine


@dataclass(frozen=True)
class CatalogAgent:
    """One agent file."""

    agent: AgentDefinition
    document: SourceDocument


@dataclass(frozen=True)
class Catalog:
    """Definitions and agents by name. Every orchestration has an owner, and every agent that a step names is here."""

    definitions: Mapping[str, CatalogDefinition]
    agents: Mapping[str, CatalogAgent]


def read_catalog(directory: Path) -> Catalog:
    """Read everything in the folder. Raises DefinitionInvalid with the problems of all files."""
    problems: list[Problem] = []
    agents: dict[str, CatalogAgent] = {}
    for path in sorted((directory / "agents").glob("*.yaml")):
        try:
            document = read_document(path)
            agent = parse_agent(document)
        except DefinitionInvalid as error:
            problems.extend(error.problems)
            continue
        problems.extend(_misnamed(agent.metadata.name, path, document))
        agents[agent.metadata.name] = CatalogAgent(agent, document)
    owners = {name: slug for slug, one in agents.items() for name in one.agent.agent.orchestrations}
    definitions: dict[str, CatalogDefinition] = {}
    for path in sorted((directory / "orchestrations").glob("*.yaml")):
        try:
            one = read_definition(path, owners)
        except DefinitionInvalid as error:
            problems.extend(error.problems)
            continue
        problems.extend(_misnamed(one.plan.name, path, one.document))
        definitions[one.plan.name] = one
    if not problems:  # else a typo in one file would be reported again in the files that name it
        problems = [
            *_unknown_agents(definitions, agents),
            *_unknown_orchestrations(definitions, agents),
            *_unknown_children(definitions),
            *(problem for one in definitions.values() for problem in child_problems(one, plans_of(definitions))),
        ]
    if problems:
        raise DefinitionInvalid(problems)
    return Catalog(definitions=definitions, agents=agents)


def read_document(path: Path) -> SourceDocument:
    """Read a YAML file. Raises DefinitionInvalid if it is not UTF-8 or not YAML."""
    try:
        return read_yaml(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise DefinitionInvalid([Problem(str(path), 1, 1, (), "the file is not UTF-8 text")]) from error


def read_definition(path: Path, owners: Mapping[str, str] | None = None) -> CatalogDefinition:
    """Read and compile one orchestration file. Raises DefinitionInvalid, also for a refusal of the compiler."""
    document = read_document(path)
    definition = parse_definition(document)
    plan = make_plan(definition, owner=(owners or {}).get(definition.metadata.name, ""))
    try:
        machine = compile_machine(plan)
    except NotSupported as error:
        raise DefinitionInvalid([document.problem(error.path, str(error))]) from error
    return CatalogDefinition(definition, document, plan, machine)


def read_neighbours(path: Path) -> dict[str, Plan]:
    """The plans of the other orchestrations in the folder of ``path``, by name. Invalid files are left out."""
    plans = {}
    for other in sorted(path.parent.glob("*.yaml")):
        if other != path:
            with suppress(DefinitionInvalid):
                plan = make_plan(parse_definition(read_document(other)))
                plans[plan.name] = plan
    return plans


def read_agents(path: Path) -> dict[str, Agent] | None:
    """The agents of the orchestration file's tree, by name. None if there is no folder ``agents`` with files beside the
    folder of ``path``."""
    files = sorted((path.absolute().parent.parent / "agents").glob("*.yaml"))
    if not files:
        return None
    agents = {}
    for file in files:
        # If its own file is invalid, that is no problem of ``path``.
        agents[file.stem] = Agent(kind=AgentKind.AGENT)
        with suppress(DefinitionInvalid):
            agent = parse_agent(read_document(file))
            agents[agent.metadata.name] = agent.agent
    return agents


def agent_problems(one: CatalogDefinition, agents: Mapping[str, Agent]) -> Iterator[Problem]:
    """Steps whose agent is not one of ``agents`` (by name), or cannot do the step."""
    yield from step_agents.problems(one.plan, one.document, agents, unknown="is not in agents/")


def plans_of(definitions: Mapping[str, CatalogDefinition]) -> dict[str, Plan]:
    return {name: one.plan for name, one in definitions.items()}


def child_problems(one: CatalogDefinition, known: Mapping[str, Plan]) -> Iterator[Problem]:
    """Problems with child runs of ``known`` orchestrations (by name): their parameters, the results that the definition
    reads, circles, and too many levels."""
    yield from children.problems(one.definition, one.document, known)
    for path, message in lineage.problems(one.plan, known):
        yield one.document.problem(path, message)


def _unknown_children(definitions: Mapping[str, CatalogDefinition]) -> Iterator[Problem]:
    for one in definitions.values():
        for step in one.plan.steps:
            if step.child is not None and step.child.name not in definitions:
                path = ("orchestration", "steps", step.index, "orchestration", "name")
                message = f"there is no orchestration `{step.child.name}` in orchestrations/"
                yield one.document.problem(path, message, nearest(step.child.name, definitions))


def _misnamed(name: str, path: Path, document: SourceDocument) -> Iterator[Problem]:
    if name == LAUNCH_MACHINE:
        message = f"`{name}` is the name of the state machine that launches runs; choose another name"
        yield document.problem(("metadata", "name"), message)
    if path.stem != name:
        yield document.problem(("metadata", "name"), f"`{name}` lives in {path.name}; it belongs in {name}.yaml")


def _unknown_agents(
    definitions: Mapping[str, CatalogDefinition], agents: Mapping[str, CatalogAgent]
) -> Iterator[Problem]:
    known = {slug: one.agent.agent for slug, one in agents.items()}
    for one in definitions.values():
        if not one.plan.owner:
            message = f"no orchestrator in agents/ lists `{one.plan.name}` in its `orchestrations`"
            yield one.document.problem(("metadata", "name"), message)
        yield from agent_problems(one, known)


def _unknown_orchestrations(
    definitions: Mapping[str, CatalogDefinition], agents: Mapping[str, CatalogAgent]
) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for slug, one in agents.items():
        for index, name in enumerate(one.agent.agent.orchestrations):
            path = ("agent", "orchestrations", index)
            if name not in definitions:
                message = f"there is no orchestration `{name}` in orchestrations/"
                yield one.document.problem(path, message, nearest(name, definitions))
            elif name in owners:
                yield one.document.problem(path, f"`{name}` is owned by `{owners[name]}` already")
            owners.setdefault(name, slug)
