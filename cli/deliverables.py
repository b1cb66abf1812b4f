"""``baton show``: shows a deliverable, or an approval with its data. Also the summaries of a completed run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, assert_never

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
    show = add_parser(subparsers, "show", show_one, "show a deliverable, or an approval with its data")
    show.add_argument("id", metavar="ID", help="of a deliverable or an approval (`baton status RUN` shows them)")


def show_one(command: Command) -> int:
    screen, noun_id = command.screen, command.arguments.id
    if deliverable := _get_or_none(command.client.deliverables.get, noun_id):
        screen.document(deliverable) if screen.json else _show_content(command.client, screen, deliverable)
    elif approval := _get_or_none(command.client.approvals.get, noun_id):
        screen.document(approval) if screen.json else _show_approval(screen, approval)
    else:
        raise CommandFailed(
            f"There is no deliverable and no approval {noun_id}; `baton status RUN` lists those of a run."
        )
    return 0


def show_summaries(client: Client, screen: Screen, run: Run) -> None:
    """The result of a completed run: the Markdown of its last steps, on which no other step depends."""
    inner_steps = {name for step in run["steps"] for name in step["dependsOn"]}
    attempts = {step["id"]: step["attemptNumber"] for step in run["steps"] if step["id"] not in inner_steps}
    for line in run["deliverables"]:
        if line["format"] == "markdown" and attempts.get(line["stepId"]) == line["attemptNumber"]:
            screen.line()
            screen.markdown(_content_of(client, client.deliverables.get(line["id"])))


def _get_or_none(get: Callable[[str], Noun], noun_id: str) -> Noun | None:
    try:
        return get(noun_id)
    except Refused as error:
        if error.status != NOT_FOUND:
            raise
        return None


def _show_content(client: Client, screen: Screen, deliverable: Deliverable) -> None:
    """A readable form on a terminal; in a pipe or a file, exactly the content."""
    content = _content_of(client, deliverable)
    rows = rows_of(content) if screen.terminal else None
    if rows is not None:
        screen.line(deliverable["title"] or "", style="bold")
        show_rows(screen, rows)
    elif screen.terminal and deliverable["format"] == "markdown":
        screen.markdown(content)
    else:
        screen.text(content)


def _content_of(client: Client, deliverable: Deliverable) -> str:
    content = deliverable["content"]
    return client.deliverables.content(deliverable["id"]) if content is None else content


def _show_approval(screen: Screen, approval: Approval) -> None:
    checkpoint.show(screen, approval, whole=True)
    status = ApprovalStatus(approval["status"])
    match status:
        case ApprovalStatus.PENDING:
            checkpoint.show_hint(screen, approval)
        case ApprovalStatus.DECIDED:
            screen.line(": ".join(filter(None, [f"Decided: {approval['decision']}", approval["notes"]])))
        case ApprovalStatus.EXPIRED | ApprovalStatus.CLOSED:
            screen.line(f"It can no longer be decided: {approval['closedReason'] or status}")
        case _:
            assert_never(status)
