"""``baton approve``."""

from __future__ import annotations

from typing import Any

from baton.model import Decision
from cli import runs, typed
from cli.command import Command, Subparsers, add_parser
from cli.deployment import CommandFailed, segment


def add_parsers(subparsers: Subparsers) -> None:
    approve = add_parser(subparsers, "approve", decide, "decide an approval")
    approve.add_argument("id", metavar="APPROVAL", help="the approval's id (`baton status RUN` shows it)")
    approve.add_argument("decision", choices=[str(decision) for decision in Decision])
    approve.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=typed.pair,
        action="append",
        default=[],
        dest="changes",
        help=f"with retry: {typed.HOW_TO_CHANGE}",
    )
    approve.add_argument("--notes", metavar="TEXT", help="why; with retry also: what the agent should do differently")
    approve.add_argument("--follow", action="store_true", help="then show progress until the run has ended")


def decide(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    if arguments.changes and not Decision(arguments.decision).takes_modifications:
        raise CommandFailed("--set goes with retry: continue takes the data as it is, abort needs none.")
    path = f"/orchestrations/approvals/{segment(arguments.id)}"
    body: dict[str, Any] = {"decision": arguments.decision}
    if arguments.notes is not None:
        body["notes"] = arguments.notes
    if arguments.changes:
        body["modifications"] = typed.modifications(_declared_parameters(command, path), arguments.changes)
    outcome = command.deployment.post(f"{path}/decision", body)
    if arguments.follow:
        return runs.follow(command, outcome["runId"])
    if screen.json:
        screen.document(outcome)
    else:
        screen.line(f"{outcome['stepId']}: {outcome['decision']}. Run {outcome['runId']} is {outcome['runStatus']}.")
    return 0


def _declared_parameters(command: Command, path: str) -> list[dict[str, Any]]:
    """The parameters of the definition that the approval's run was launched from."""
    approval = command.deployment.get(path)
    return runs.declared_parameters(command, command.deployment.get(f"/orchestrations/runs/{approval['runId']}"))
