"""``baton outbox``: what could not be delivered yet, and having it tried again."""

from __future__ import annotations

from typing import Any

from baton_client.outbox import Effect
from cli.command import Command, Subparsers, add_parser
from cli.errors import CommandFailed

_COLUMNS = ("ID", "RUN", "KIND", "FAILURES", "STUCK", "NEXT TRY", "ERROR")


def add_parsers(subparsers: Subparsers) -> None:
    outbox = add_parser(subparsers, "outbox", show, "show what was ordered, failed, and is still to be delivered")
    outbox.add_argument("--org", metavar="ORG", help="of one organisation (default: of all where you may see it)")
    outbox.add_argument("--failures", type=int, metavar="N", help="what failed at least so often (default: once)")
    outbox.add_argument("--limit", type=int, metavar="N", help="the oldest so many (default: 100)")

    actions = outbox.add_subparsers(metavar="ACTION")
    again = add_parser(actions, "redrive", redrive, "have it tried again within a minute, whatever it waits for")
    again.add_argument("ids", metavar="ID", nargs="*", help="what `baton outbox` shows")
    again.add_argument("--all", action="store_true", help="everything that failed")
    again.add_argument("--org", metavar="ORG", help="with --all: of one organisation")


def show(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    effects = command.client.outbox.list(arguments.org, failures=arguments.failures, limit=arguments.limit)
    if screen.json:
        screen.document(effects)
    elif not effects:
        screen.line("Nothing waits for another try.")
    else:
        rows = [_row(effect) for effect in effects]
        screen.table(_COLUMNS, rows, numbers=("FAILURES",))
        screen.line("Try again: baton outbox redrive ID… | --all")
    return 0


def redrive(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    if bool(arguments.ids) == arguments.all:
        raise CommandFailed("Say which: `baton outbox redrive ID…` or `baton outbox redrive --all`.")
    if arguments.org and not arguments.all:
        raise CommandFailed("--org goes with --all: an id is of one organisation anyway.")
    if arguments.all:
        answer = command.client.outbox.redrive_all(arguments.org)
        if screen.json:
            screen.document(answer)
        screen.line(f"{answer['redriven']} will be tried again within a minute.")
        return 0
    for effect_id in arguments.ids:
        effect = command.client.outbox.redrive(effect_id)
        if screen.json:
            screen.document(effect)
        screen.line(f"{effect['id']} ({effect['kind']}) will be tried again within a minute.")
    return 0


def _row(effect: Effect) -> tuple[Any, ...]:
    stuck = "stuck" if effect["stuck"] else ""
    return (effect["id"], effect["runId"], effect["kind"], effect["failures"], stuck, effect["nextTryAt"],
            effect["lastError"])  # fmt: skip
