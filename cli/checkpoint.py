"""Shows a checkpoint to a person: the data, its SQL, and the question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.panel import Panel
from rich.text import Text

from baton.model import Decision
from baton_client.approvals import Approval, ApprovalLine, Review
from baton_client.deliverables import Deliverable
from cli.contents import show_omitted
from cli.figures import readable, rows_of, show_rows
from cli.screen import Screen, printable

MAX_ROWS = 40
MAX_SQL_LINES = 8  # on a terminal


def show(screen: Screen, approval: Approval, *, whole: bool = False) -> None:
    """Show the agent's answer to the last retry's notes, the step's data, its SQL, and the question.

    Without ``whole``, long data is shortened.
    """
    screen.line()
    if review := approval.get("review"):
        _show_review(screen, review)
    if deliverable := approval["data"].get("deliverable"):
        screen.line(deliverable["title"] or "", style="bold")
        _show_content(screen, deliverable, None if whole else MAX_ROWS)
        if notice := (deliverable["metadata"] or {}).get("notice"):
            screen.line(notice, style="yellow")
    else:
        _show_outputs(screen, approval["data"]["outputs"])
    if sql := sql_of(approval):
        _show_sql(screen, sql, whole=whole)
    show_omitted(screen, approval)
    screen.line()
    screen.line(approval["question"] or "", style="bold yellow")


def show_hint(screen: Screen, approval: ApprovalLine) -> None:
    """Show the commands that decide the approval and show all of its data."""
    options = approval["options"]  # None: they are too large for the answer
    choices = "|".join(Decision if options is None else [option["action"] for option in options])
    screen.line(f"  baton approve {approval['id']} {choices}")
    screen.line(f"  baton show {approval['id']}")


def sql_of(approval: Approval) -> str:
    """The SQL of the data; empty if there is none."""
    deliverable = approval["data"].get("deliverable")
    return str((deliverable["metadata"] or {}).get("sql") or "").strip() if deliverable else ""


def is_shortened(screen: Screen, sql: str) -> bool:
    """Whether ``show`` shortens the SQL. It does so on a terminal, so that the figures stay visible."""
    return screen.terminal and len(sql.splitlines()) > MAX_SQL_LINES


def _show_review(screen: Screen, review: Review) -> None:
    """Show the notes of the person who retried the step, and which of them the agent applied."""
    applied, not_applied = review["applied"] or [], review["notApplied"] or []
    if not (review["notes"] or applied or not_applied):
        return
    notes = " ".join((review["notes"] or "none; the lines below are about earlier notes").split())
    screen.line(f"Notes of the retry: {notes}", style="bold")
    if review["applied"] is None and review["notApplied"] is None:
        screen.line("  The agent does not say whether it applied them.", style="yellow")
    for entry in applied:
        screen.line(f"  applied: {_note_line(entry)}")
    for entry in not_applied:
        screen.line(f"  not applied: {_note_line(entry)}", style="yellow")
    screen.line()


def _note_line(entry: Mapping[str, Any]) -> str:
    """A part of the notes, and the agent's sentence about it."""
    words, message = (" ".join(str(entry.get(name) or "").split()) for name in ("note", "message"))
    return f"“{words}” – {message}" if words else message


def _show_content(screen: Screen, deliverable: Deliverable, max_rows: int | None) -> None:
    content = deliverable["content"]
    if content is None:
        return  # it is among what is left out
    rows = rows_of(content)
    if rows is not None:
        show_rows(screen, rows, max_rows)
    elif deliverable["format"] == "markdown":
        screen.markdown(content)
    else:
        screen.text(content)


def _show_outputs(screen: Screen, outputs: Mapping[str, Any] | None) -> None:
    for name, value in (outputs or {}).items():
        screen.line(f"{name}: {readable(value)}")


def _show_sql(screen: Screen, sql: str, *, whole: bool) -> None:
    if not screen.terminal:
        screen.text(f"\nSQL:\n{sql}")
        return
    lines = sql.splitlines()
    if is_shortened(screen, sql) and not whole:
        lines = [*lines[:MAX_SQL_LINES], f"… {len(lines) - MAX_SQL_LINES} more lines"]
    screen.console.print(Panel(Text(printable("\n".join(lines))), title="SQL", style="dim"))
