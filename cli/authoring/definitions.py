"""Validates and compiles the files of ``definitions/``, for ``baton validate``, ``make generate``, ``make check``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from baton.compiler import asl_text
from baton.definition import DefinitionInvalid, Problem, parse_agent
from baton.errors import BatonError
from baton.model import LAUNCH_MACHINE
from cli.authoring import checker, launch_machine
from cli.authoring.catalog import (
    CatalogAgent,
    CatalogDefinition,
    agent_problems,
    child_problems,
    read_agents,
    read_catalog,
    read_definition,
    read_document,
    read_neighbours,
)


@dataclass(frozen=True)
class ValidationResult:
    """The problems of one file. ``agents_checked`` is False for an orchestration whose tree has no agents: those of its
    steps may exist in a deployment."""

    problems: tuple[Problem, ...]
    agents_checked: bool = True


def validate_file(path: Path) -> ValidationResult:
    """Validate an agent (a file with a section ``agent``) or an orchestration.

    The agents and children of an orchestration are searched in its tree. A missing child may exist in the deployment.
    """
    try:
        document = read_document(path)
        if isinstance(document.data, dict) and "agent" in document.data:
            parse_agent(document)
            return ValidationResult(())
        one, agents = read_definition(path), read_agents(path)
        unknown = () if agents is None else agent_problems(one, agents)
        return ValidationResult(
            (*child_problems(one, read_neighbours(path)), *unknown), agents_checked=agents is not None
        )
    except DefinitionInvalid as error:
        return ValidationResult(error.problems)


def load_all(definitions_dir: Path) -> tuple[Mapping[str, CatalogDefinition], Mapping[str, CatalogAgent]]:
    """Orchestrations and agents by name, checked against each other. Raises DefinitionInvalid with every problem."""
    catalog = read_catalog(definitions_dir)
    return catalog.definitions, catalog.agents


class MachineFaulty(BatonError):
    """The compiler wrote a state machine that Step Functions would refuse."""


def compile_all(definitions_dir: Path, statemachines_dir: Path, check: bool) -> list[str]:
    """Write the machine of every definition, and the one that launches runs. Remove the others. With ``check`` write
    nothing.

    Returns the names of the files that differ. Raises MachineFaulty if the checker finds a fault in a machine.
    """
    definitions, _ = load_all(definitions_dir)
    texts = {f"{name}.asl.json": asl_text(one.machine) for name, one in definitions.items()}
    texts[f"{LAUNCH_MACHINE}.asl.json"] = launch_machine.asl_text()
    faults = [f"{name}: {fault}" for name, text in texts.items() for fault in checker.check_text(text)]
    if faults:
        raise MachineFaulty("\n".join(faults))
    out_of_step = [name for name, text in texts.items() if _text(statemachines_dir / name) != text]
    orphans = [path.name for path in sorted(statemachines_dir.glob("*.asl.json")) if path.name not in texts]
    if not check:
        statemachines_dir.mkdir(parents=True, exist_ok=True)
        for name in out_of_step:
            (statemachines_dir / name).write_text(texts[name], encoding="utf-8")
        for name in orphans:
            (statemachines_dir / name).unlink()
    return out_of_step + orphans


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
