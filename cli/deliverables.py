"""``baton show``: a deliverable, or an approval with what it is about; and the summaries that a run ends with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from baton.model import ApprovalStatus
from baton_client import Client, Refused
from baton_client.approvals import Approval
from baton_client.deliverables import Deliverable
from baton_client.runs import Run
from cli import checkpoint
from cli.command import Command, Subparsers, add_parser
from cli.errors import CommandFailed
from cli.figures import rows_of, show_rows
from cli.screen import Screen

Noun = TypeVar("Noun")

NOT_FOUND = 404


def add_parsers(subparsers: Subparsers) -> None:
    show = add_parser(subparsers, "show", show_one, "show a deliverable, or an approval with the data it is about")
    show.add_argument("id", metavar="ID", help="of a deliverable or an approval (`baton status RUN` shows them)")


def show_one(command: Command) -> int:
    screen, shown = command.screen, command.arguments.id
    if deliverable := _found(command.client.deliverables.get, shown):
        screen.document(deliverable) if screen.json else _show_content(screen, deliverable)
    elif approval := _found(command.client.approvals.get, shown):
        screen.document(approval) if screen.json else _show_approval(screen, approval)
    else:
        raise CommandFailed(
            f"There is no deliverable and no approval {shown}; `baton status RUN` lists those of a run."
        )
    return 0


def show_summaries(client: Client, screen: Screen, run: Run) -> None:
    """What a completed run was for: the Markdown that the steps made on which no other depends."""
    inner = {name for step in run["steps"] for name in step["dependsOn"]}
    attempts = {step["id"]: step["attemptNumber"] for step in run["steps"] if step["id"] not in inner}
    for line in run["deliverables"]:
        if line["format"] == "markdown" and attempts.get(line["stepId"]) == line["attemptNumber"]:
            screen.line()
            screen.markdown(client.deliverables.get(line["id"])["content"])


def _found(get: Callable[[str], Noun], shown: str) -> Noun | None:
    try:
        return get(shown)
    except Refused as refused:
        if refused.status != NOT_FOUND:
            raise
        return None


def _show_content(screen: Screen, deliverable: Deliverable) -> None:
    """Readable on a terminal; elsewhere exactly the content, to be piped or kept."""
    content = deliverable["content"]
    rows = rows_of(content) if screen.terminal else None
    if rows is not None:
        screen.line(deliverable["title"], style="bold")
        show_rows(screen, rows)
    elif screen.terminal and deliverable["format"] == "markdown":
        screen.markdown(content)
    else:
        screen.text(content)


def _show_approval(screen: Screen, approval: Approval) -> None:
    checkpoint.show(screen, approval, whole=True)
    if approval["status"] == ApprovalStatus.PENDING:
        checkpoint.show_hint(screen, approval)
    elif approval["status"] == ApprovalStatus.DECIDED:
        screen.line(": ".join(filter(None, [f"Decided: {approval['decision']}", approval["notes"]])))
    else:
        screen.line(f"Nobody can decide it any more: {approval['closedReason'] or approval['status']}")
