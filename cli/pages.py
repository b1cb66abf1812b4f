"""A page of a list: which one is asked for, and how it is shown."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cli.command import Command

Row = tuple[Any, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--org", metavar="ORG", help="of one organisation (default: of all that you belong to)")
    parser.add_argument("--limit", type=int, metavar="N", default=20, help="so many a page (default: 20)")
    parser.add_argument("--cursor", metavar="CURSOR", help="the page after the one that named it")


def show(
    command: Command, page: Mapping[str, Any], noun: str, columns: Sequence[str], row: Callable[[Any], Row]
) -> int:
    """The exit code. ``page[noun]`` are the things of the page, ``row`` makes a line of the table of each."""
    screen = command.screen
    if screen.json:
        screen.document(page)
    elif not page[noun]:
        screen.line(f"There are no such {noun}.")
    else:
        screen.table(columns, [row(one) for one in page[noun]], numbers=("ATTEMPT",))
        if page["nextCursor"]:
            screen.line(f"More: --cursor {page['nextCursor']}")
    return 0
