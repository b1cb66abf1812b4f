"""``baton approve`` decides an approval; ``baton approvals`` lists those that wait."""

from __future__ import annotations

from typing import Any

from baton.model import Decision
from baton_client.approvals import ApprovalLine
from cli import pages, parameters, runs
from cli.command import Command, Subparsers, add_parser
from cli.errors import CommandFailed

_COLUMNS = ("ID", "RUN", "STEP", "ATTEMPT", "QUESTION")


def add_parsers(subparsers: Subparsers) -> None:
    approve = add_parser(subparsers, "approve", decide, "decide an approval")
    approve.add_argument("id", metavar="APPROVAL", help="the approval's id (`baton status RUN` shows it)")
    approve.add_argument("decision", choices=[str(decision) for decision in Decision])
    approve.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=parameters.pair,
        action="append",
        default=[],
        dest="changes",
        help=f"with retry: {parameters.SET_HELP}",
    )
    approve.add_argument("--notes", metavar="TEXT", help="why; with retry also: what the agent should do differently")
    approve.add_argument("--follow", action="store_true", help="then show progress until the run has ended")

    approvals = add_parser(subparsers, "approvals", list_approvals, "list approvals that wait, the oldest first")
    approvals.add_argument("--mine", action="store_true", help="only those that you may decide")
    pages.add_arguments(approvals)


def decide(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    if arguments.changes and not Decision(arguments.decision).takes_modifications:
        raise CommandFailed("--set needs the decision retry: continue takes the data as it is, abort needs no data.")
    result = command.client.approvals.decide(
        arguments.id, arguments.decision, notes=arguments.notes, modifications=_modifications(command)
    )
    if arguments.follow:
        return runs.follow(command, result["runId"])
    if screen.json:
        screen.document(result)
    else:
        screen.line(f"{result['stepId']}: {result['decision']}. Run {result['runId']} is {result['runStatus']}.")
    return 0


def list_approvals(command: Command) -> int:
    arguments = command.arguments
    page = command.client.approvals.page(
        arguments.cursor, organization=arguments.org, mine=arguments.mine or None, limit=arguments.limit
    )
    return pages.show(command, page, "approvals", _COLUMNS, _row)


def _modifications(command: Command) -> dict[str, Any] | None:
    """The changes of ``--set``. The definition of the approval's run gives the type of each parameter."""
    if not command.arguments.changes:
        return None
    run_id = command.client.approvals.get(command.arguments.id)["runId"]
    return parameters.modifications(runs.declared_parameters(command, run_id), command.arguments.changes)


def _row(approval: ApprovalLine) -> tuple[Any, ...]:
    return (approval["id"], approval["runId"], approval["stepId"], approval["attemptNumber"], approval["question"])
