"""``baton fetch`` prints a value that an answer left out; other commands show which ones that are."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from baton_client.contents import Omitted
from cli.command import Command, Subparsers, add_parser
from cli.screen import Screen

MAX_SHOWN = 20


def add_parsers(subparsers: Subparsers) -> None:
    fetch = add_parser(
        subparsers, "fetch", fetch_one, "print a value or a part of a list that another command left out"
    )
    fetch.add_argument("url", metavar="URL", help="as the other command shows it, or `url` in `omitted` of its JSON")

    outputs = add_parser(subparsers, "output", show_output, "print an output of a step as JSON")
    outputs.add_argument("run_id", metavar="RUN", help="the run's id")
    outputs.add_argument("step", metavar="STEP", help="the step's id")
    outputs.add_argument("name", metavar="NAME", help="of the output")
    outputs.add_argument("--attempt", type=int, metavar="N", help="of this attempt (default: as other steps see it)")


def fetch_one(command: Command) -> int:
    screen, content = command.screen, command.client.contents.fetch(command.arguments.url).decode()
    screen.text(content) if screen.terminal else screen.raw(content)
    return 0


def show_output(command: Command) -> int:
    arguments = command.arguments
    value = command.client.contents.output(arguments.run_id, arguments.step, arguments.name, attempt=arguments.attempt)
    command.screen.document(value)
    return 0


def show_omitted(screen: Screen, answer: Mapping[str, Any]) -> None:
    """A line for each value or part of a list that an answer leaves out, with the command that prints it."""
    omitted: Sequence[Omitted] = answer.get("omitted") or ()
    for entry in omitted[:MAX_SHOWN]:
        how = f": baton fetch {shlex.quote(entry['url'])}" if entry["url"] else ""
        screen.line(f"Left out {entry['pointer']} ({_size(entry)}){how}", style="yellow")
    if len(omitted) > MAX_SHOWN:
        screen.line(f"… and {len(omitted) - MAX_SHOWN} more; --json names all of them", style="yellow")


def _size(entry: Omitted) -> str:
    if entry["count"] is not None:
        return f"{entry['count']:,} of its elements"
    return "large" if entry["bytes"] is None else f"{entry['bytes']:,} bytes"
