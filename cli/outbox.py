"""``baton outbox``: shows effects whose delivery failed, and tries them again."""

from __future__ import annotations

from typing import Any

from baton_client.outbox import Effect
from cli.command import Command, Subparsers, add_parser
from cli.errors import CommandFailed

_COLUMNS = ("ID", "RUN", "KIND", "FAILURES", "STUCK", "NEXT TRY", "ERROR")


def add_parsers(subparsers: Subparsers) -> None:
    outbox = add_parser(subparsers, "outbox", show, "show effects that could not be delivered yet")
    outbox.add_argument("--org", metavar="ORG", help="of one organisation (default: of all where you may see them)")
    outbox.add_argument("--failures", type=int, metavar="N", help="only those that failed N times (default: once)")
    outbox.add_argument("--limit", type=int, metavar="N", help="at most N, the oldest first (default: 100)")

    actions = outbox.add_subparsers(metavar="ACTION")
    again = add_parser(actions, "redrive", redrive, "try effects again within a minute, before their next try is due")
    again.add_argument("ids", metavar="ID", nargs="*", help="the id that `baton outbox` shows")
    again.add_argument("--all", action="store_true", help="every effect that failed")
    again.add_argument("--org", metavar="ORG", help="with --all: of one organisation")


def show(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    effects = command.client.outbox.list(arguments.org, failures=arguments.failures, limit=arguments.limit)
    if screen.json:
        screen.document(effects)
    elif not effects:
        screen.line("No effect waits for another try.")
    else:
        rows = [_row(effect) for effect in effects]
        screen.table(_COLUMNS, rows, numbers=("FAILURES",))
        screen.line("Try again: baton outbox redrive ID… | --all")
    return 0


def redrive(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    if bool(arguments.ids) == arguments.all:
        raise CommandFailed("Name the effects: `baton outbox redrive ID…` or `baton outbox redrive --all`.")
    if arguments.org and not arguments.all:
        raise CommandFailed("--org needs --all: an id belongs to one organisation.")
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
