"""A page of a list: the arguments that select it, and its display."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cli.command import Command
from cli.contents import show_omitted

Row = tuple[Any, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--org", metavar="ORG", help="of one organisation (default: of all that you belong to)")
    parser.add_argument("--limit", type=int, metavar="N", default=20, help="the size of a page (default: 20)")
    parser.add_argument("--cursor", metavar="CURSOR", help="the next page: the cursor that the page before shows")


def show(
    command: Command, page: Mapping[str, Any], noun: str, columns: Sequence[str], row: Callable[[Any], Row]
) -> int:
    """Show a page; returns the exit code. ``page[noun]`` are the items, ``row`` makes a line of the table of each."""
    screen = command.screen
    if screen.json:
        screen.document(page)
    elif not page[noun]:
        screen.line(f"There are no such {noun}.")
    else:
        screen.table(columns, [row(item) for item in page[noun]], numbers=("ATTEMPT",))
        show_omitted(screen, page)
        if page["nextCursor"]:
            screen.line(f"More: --cursor {page['nextCursor']}")
    return 0
