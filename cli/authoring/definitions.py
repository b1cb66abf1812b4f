"""What ``baton validate``, ``make generate`` and ``make check`` do with the files under ``definitions/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from baton.compiler import asl_text
from baton.definition import DefinitionInvalid, Problem, parse_agent
from baton.errors import BatonError
from cli.authoring import checker
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
class Verdict:
    """What is wrong with one file, nothing if it is fine. ``agents_checked`` is False for an orchestration in whose
    tree there are no agents: those of its steps may be in a deployment, or nowhere."""

    problems: tuple[Problem, ...]
    agents_checked: bool = True


def validate_file(path: Path) -> Verdict:
    """A file with an ``agent`` section is an agent. The agents and orchestrations that an orchestration names are
    looked for in its tree; an orchestration that is not there may be in the deployment."""
    try:
        document = read_document(path)
        if isinstance(document.data, dict) and "agent" in document.data:
            parse_agent(document)
            return Verdict(())
        one, agents = read_definition(path), read_agents(path)
        unknown = () if agents is None else agent_problems(one, agents)
        return Verdict((*child_problems(one, read_neighbours(path)), *unknown), agents_checked=agents is not None)
    except DefinitionInvalid as error:
        return Verdict(error.problems)


def load_all(definitions_dir: Path) -> tuple[Mapping[str, CatalogDefinition], Mapping[str, CatalogAgent]]:
    """Orchestrations and agents by name, checked against each other; DefinitionInvalid lists every problem."""
    catalog = read_catalog(definitions_dir)
    return catalog.definitions, catalog.agents


class MachineFaulty(BatonError):
    """The compiler wrote a state machine that Step Functions would not take."""


def compile_all(definitions_dir: Path, statemachines_dir: Path, check: bool) -> list[str]:
    """Write the machine of every definition, or with ``check`` only look; the names of files out of step.

    MachineFaulty if the checker finds something against one of them.
    """
    definitions, _ = load_all(definitions_dir)
    wanted = {f"{name}.asl.json": asl_text(one.machine) for name, one in definitions.items()}
    faults = [f"{name}: {fault}" for name, text in wanted.items() for fault in checker.check_text(text)]
    if faults:
        raise MachineFaulty("\n".join(faults))
    out_of_step = [name for name, text in wanted.items() if _text(statemachines_dir / name) != text]
    orphans = [path.name for path in sorted(statemachines_dir.glob("*.asl.json")) if path.name not in wanted]
    if not check:
        statemachines_dir.mkdir(parents=True, exist_ok=True)
        for name in out_of_step:
            (statemachines_dir / name).write_text(wanted[name], encoding="utf-8")
        for name in orphans:
            (statemachines_dir / name).unlink()
    return out_of_step + orphans


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
