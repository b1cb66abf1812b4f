"""``baton show``: a deliverable, or an approval with what it is about; and the summaries that a run ends with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baton.model import ApprovalStatus
from cli import review
from cli.command import Command, Subparsers, add_parser
from cli.deployment import CommandFailed, Deployment, Refused, segment
from cli.figures import rows_of, show_rows
from cli.screen import Screen

NOT_FOUND = 404


def add_parsers(subparsers: Subparsers) -> None:
    show = add_parser(subparsers, "show", show_one, "show a deliverable, or an approval with the data it is about")
    show.add_argument("id", metavar="ID", help="of a deliverable or an approval (`baton status RUN` shows them)")


def show_one(command: Command) -> int:
    screen, shown = command.screen, segment(command.arguments.id)
    if deliverable := _found(command.deployment, f"/deliverables/{shown}"):
        screen.document(deliverable) if screen.json else _show_content(screen, deliverable)
    elif approval := _found(command.deployment, f"/orchestrations/approvals/{shown}"):
        screen.document(approval) if screen.json else _show_approval(screen, approval)
    else:
        raise CommandFailed(
            f"There is no deliverable and no approval {command.arguments.id}; `baton status RUN` lists those of a run."
        )
    return 0


def show_summaries(deployment: Deployment, screen: Screen, run: Mapping[str, Any]) -> None:
    """What a completed run was for: the Markdown that the steps made on which no other depends."""
    inner = {name for step in run["steps"] for name in step["dependsOn"]}
    attempts = {step["id"]: step["attemptNumber"] for step in run["steps"] if step["id"] not in inner}
    for line in run["deliverables"]:
        if line["format"] == "markdown" and attempts.get(line["stepId"]) == line["attemptNumber"]:
            screen.line()
            screen.markdown(deployment.get(f"/deliverables/{line['id']}")["content"])


def _found(deployment: Deployment, path: str) -> Any:
    try:
        return deployment.get(path)
    except Refused as refused:
        if refused.problem.get("status") != NOT_FOUND:
            raise
        return None


def _show_content(screen: Screen, deliverable: Mapping[str, Any]) -> None:
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


def _show_approval(screen: Screen, approval: Mapping[str, Any]) -> None:
    review.show(screen, approval, whole=True)
    if approval["status"] == ApprovalStatus.PENDING:
        review.show_hint(screen, approval)
    elif approval["status"] == ApprovalStatus.DECIDED:
        screen.line(": ".join(filter(None, [f"Decided: {approval['decision']}", approval["notes"]])))
    else:
        screen.line(f"Nobody can decide it any more: {approval['closedReason'] or approval['status']}")
