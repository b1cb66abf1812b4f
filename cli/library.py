"""``baton publish``: publishes files of agents and orchestrations in the library of a deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baton.definition import SourceDocument
from baton_client import Refused
from baton_client.library import Library
from cli.authoring.catalog import read_document
from cli.command import Command, Subparsers, add_parser
from cli.errors import CommandFailed


def add_parsers(subparsers: Subparsers) -> None:
    publishing = add_parser(subparsers, "publish", publish, "publish agents and orchestrations to a deployment")
    publishing.add_argument("files", metavar="FILE", nargs="+", type=Path, help="an agent or an orchestration (YAML)")
    publishing.add_argument(
        "--org",
        "--organization",
        metavar="ORG",
        help="the organisation that will own them (default: BATON_ORG); needs the role admin",
    )


@dataclass(frozen=True)
class _File:
    path: Path
    document: SourceDocument

    @property
    def is_agent(self) -> bool:
        return isinstance(self.document.data, dict) and "agent" in self.document.data

    @property
    def name(self) -> str | None:
        metadata = _mapping(self.document.data).get("metadata")
        return _mapping(metadata).get("name")

    @property
    def children(self) -> frozenset[str]:
        """The orchestrations that its steps run. Malformed parts are ignored: the deployment reports them."""
        steps = _mapping(_mapping(self.document.data).get("orchestration")).get("steps")
        children = (_mapping(_mapping(step).get("orchestration")).get("name") for step in _list(steps))
        return frozenset(name for name in children if isinstance(name, str))


def publish(command: Command) -> int:
    """Publish agents first, because orchestrations name them. Stops at the first refusal."""
    organization = command.organization
    for file in in_order([_read(path) for path in command.arguments.files]):
        try:
            published, sentence = _publish(command.client.library, file, organization)
        except Refused as error:
            if command.screen.json:
                raise
            raise _placed(error, file) from error
        if command.screen.json:
            command.screen.document(published)
        else:
            command.screen.line(f"{file.path}: {sentence}")
    return 0


def in_order(files: Sequence[_File]) -> Iterator[_File]:
    """Agents first, then orchestrations. A child comes before the orchestration that runs it."""
    yield from (file for file in files if file.is_agent)
    waiting = [file for file in files if not file.is_agent]
    while waiting:
        names = {file.name for file in waiting}
        ready = [
            file for file in waiting if not (file.children - {file.name}) & names
        ] or waiting  # a circle: the deployment refuses it
        yield from ready
        waiting = [file for file in waiting if file not in ready]


def _read(path: Path) -> _File:
    if not path.is_file():
        raise CommandFailed(f"There is no file {path}.")
    return _File(path, read_document(path))


def _publish(library: Library, file: _File, organization: str) -> tuple[Mapping[str, Any], str]:
    """The deployment's answer, and a sentence about it."""
    if file.is_agent:
        agent = library.agents.publish(file.document.text, organization=organization)
        return agent, f"{agent['kind']} {agent['slug']} is published in {agent['organization']}"
    one = library.definitions.publish(file.document.text, organization=organization)
    return one, f"{one['name']} {one['version']} is published in {one['organization']}"


def _placed(error: Refused, file: _File) -> Exception:
    """The problems with file, line and column, as ``baton validate`` prints them."""
    problems = [problem for problem in error.errors if "line" in problem]
    if not problems:
        return Refused({**error.problem, "title": f"{file.path}: {error.title}"})
    lines = []
    for problem in problems:
        hint = f" (did you mean `{problem['suggestion']}`?)" if problem.get("suggestion") else ""
        lines.append(f"{file.path}:{problem['line']}:{problem['column']}: {problem['message']}{hint}")
    return CommandFailed("\n".join(lines))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
