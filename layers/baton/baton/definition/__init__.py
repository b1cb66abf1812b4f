"""The YAML model of orchestrations and agents, and all checks of a file before anything runs."""

from __future__ import annotations

from baton.definition.agents import Agent, AgentDefinition
from baton.definition.models import Definition
from baton.definition.problems import DefinitionInvalid, Problem
from baton.definition.reading import parse_agent, parse_definition
from baton.definition.source import SourceDocument

__all__ = [
    "Agent",
    "AgentDefinition",
    "Definition",
    "DefinitionInvalid",
    "Problem",
    "SourceDocument",
    "parse_agent",
    "parse_definition",
]
