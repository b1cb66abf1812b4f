"""``baton runs`` and ``baton approvals``: an operator's list and a reviewer's inbox."""

from __future__ import annotations

from typing import Any

from baton.model import RunStatus
from cli.command import Command, Subparsers, add_parser

RUNS, APPROVALS = "/orchestrations/runs", "/orchestrations/approvals"
_STATUSES = [str(status) for status in RunStatus]


def add_parsers(subparsers: Subparsers) -> None:
    runs = add_parser(subparsers, "runs", list_runs, "list runs, the newest first")
    runs.add_argument("--status", choices=_STATUSES)
    runs.add_argument("--open", action="store_true", help="only those that have not ended")
    runs.add_argument("--definition", metavar="NAME", help="only those of one orchestration")
    runs.add_argument("--parent", metavar="RUN", help="only the child runs of a run")
    approvals = add_parser(subparsers, "approvals", list_approvals, "list what waits for a person, the oldest first")
    approvals.add_argument("--mine", action="store_true", help="only what you may decide")
    for parser in (runs, approvals):
        parser.add_argument("--org", metavar="ORG", help="of one organisation (default: of all that you belong to)")
        parser.add_argument("--limit", type=int, metavar="N", default=20, help="so many a page (default: 20)")
        parser.add_argument("--cursor", metavar="CURSOR", help="the page after the one that named it")


def list_runs(command: Command) -> int:
    arguments = command.arguments
    query = {
        "organization": arguments.org,
        "lifecycle": "open" if arguments.open else None,
        "status": arguments.status,
        "definition": arguments.definition,
        "parent": arguments.parent,
    }
    columns = ("ID", "STATUS", "ORCHESTRATION", "VERSION", "CREATED", "ERROR")
    return _show(command, RUNS, "runs", query, columns, _run)


def list_approvals(command: Command) -> int:
    query = {"organization": command.arguments.org, "mine": "true" if command.arguments.mine else None}
    return _show(command, APPROVALS, "approvals", query, ("ID", "RUN", "STEP", "ATTEMPT", "QUESTION"), _approval)


def _show(command: Command, path: str, noun: str, query: Any, columns: tuple[str, ...], row: Any) -> int:
    arguments, screen = command.arguments, command.screen
    page = command.deployment.get(path, {**query, "limit": arguments.limit, "cursor": arguments.cursor})
    if screen.json:
        screen.document(page)
    elif not page[noun]:
        screen.line(f"There are no such {noun}.")
    else:
        screen.table(columns, [row(found) for found in page[noun]], numbers=("ATTEMPT",))
        if page["nextCursor"]:
            screen.line(f"More: --cursor {page['nextCursor']}")
    return 0


def _run(run: dict[str, Any]) -> tuple[Any, ...]:
    definition, error = run["definition"], run["error"]
    return (run["id"], run["status"], definition["name"], definition["version"], run["createdAt"],
            error["message"] if error else "")  # fmt: skip


def _approval(approval: dict[str, Any]) -> tuple[Any, ...]:
    return (approval["id"], approval["runId"], approval["stepId"], approval["attemptNumber"], approval["question"])
