"""Checks of a step's agent: an agent does the step, or an orchestrator owns the child definition."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from baton.definition.problems import Path, Problem
from baton.definition.source import SourceDocument
from baton.model import AgentKind
from baton.plan import Child, Plan
from baton.suggestions import nearest


class KnownAgent(Protocol):
    """``orchestrations`` are the names that an orchestrator lists."""

    @property
    def kind(self) -> AgentKind: ...

    @property
    def orchestrations(self) -> Collection[str]: ...


def problems(
    plan: Plan, document: SourceDocument, agents: Mapping[str, KnownAgent], *, unknown: str
) -> Iterator[Problem]:
    """Steps whose agent is not in ``agents`` (by name), or is of the wrong kind. ``unknown`` is the end of the sentence
    about an agent that does not exist."""
    callable_agents = [slug for slug, agent in agents.items() if agent.kind is AgentKind.AGENT]
    for step in plan.steps:
        path: Path = ("orchestration", "steps", step.index, "agent")
        if step.child is None and step.agent not in callable_agents:
            what = "is an orchestrator, which cannot do a step" if step.agent in agents else unknown
            yield document.problem(path, f"the agent `{step.agent}` {what}", nearest(step.agent, callable_agents))
        elif step.child is not None and step.agent:
            problem = _owner_problem(step.agent, step.child, agents, unknown)
            if problem:
                yield document.problem(path, *problem)


def _owner_problem(
    slug: str, child: Child, agents: Mapping[str, KnownAgent], unknown: str
) -> tuple[str, str | None] | None:
    """Message and suggestion if ``slug`` is not an orchestrator that lists the child."""
    owners = [name for name, agent in agents.items() if child.name in agent.orchestrations]
    if slug in owners:
        return None
    suggestion = nearest(slug, owners) or (owners[0] if len(owners) == 1 else None)
    if slug not in agents:
        return f"the agent `{slug}` {unknown}", suggestion
    if agents[slug].kind is AgentKind.AGENT:
        what = f"does steps and owns no orchestration; name the orchestrator that lists `{child.name}`, or none"
        return f"the agent `{slug}` {what}", suggestion
    return f"the orchestrator `{slug}` does not list `{child.name}` in its `orchestrations`", suggestion
