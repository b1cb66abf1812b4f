"""A checkpoint before a person's eyes: the data, the SQL that found it, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.panel import Panel
from rich.text import Text

from baton_client.approvals import Approval, ApprovalLine, Review
from baton_client.deliverables import Deliverable
from cli.figures import readable, rows_of, show_rows
from cli.screen import Screen, harmless

MOST_ROWS = 40
MOST_SQL_LINES = 8  # on a terminal


def show(screen: Screen, approval: Approval, *, whole: bool = False) -> None:
    """What became of the last retry's notes, the step's data and, less prominently, the SQL behind it; then the
    question. Without ``whole``, long data is cut short."""
    screen.line()
    if review := approval.get("review"):
        _show_review(screen, review)
    if deliverable := approval["data"].get("deliverable"):
        screen.line(deliverable["title"], style="bold")
        _show_content(screen, deliverable, None if whole else MOST_ROWS)
        if notice := deliverable["metadata"].get("notice"):
            screen.line(notice, style="yellow")
    else:
        _show_outputs(screen, approval["data"]["outputs"])
    if sql := sql_of(approval):
        _show_sql(screen, sql, whole=whole)
    screen.line()
    screen.line(approval["question"], style="bold yellow")


def show_hint(screen: Screen, approval: ApprovalLine) -> None:
    """How to answer, and how to see all of what is asked about."""
    choices = "|".join(option["action"] for option in approval["options"])
    screen.line(f"  baton approve {approval['id']} {choices}")
    screen.line(f"  baton show {approval['id']}")


def sql_of(approval: Approval) -> str:
    """The SQL behind the data; empty if there is none."""
    deliverable = approval["data"].get("deliverable")
    return str(deliverable["metadata"].get("sql") or "").strip() if deliverable else ""


def is_shortened(screen: Screen, sql: str) -> bool:
    """Whether ``show`` left some of it out: on a terminal, only as much as leaves the figures in sight is shown."""
    return screen.terminal and len(sql.splitlines()) > MOST_SQL_LINES


def _show_review(screen: Screen, review: Review) -> None:
    """What a person asked for when they had the step tried again, and what its agent made of their notes."""
    applied, refused = review["applied"] or [], review["notApplied"] or []
    if not (review["notes"] or applied or refused):
        return
    notes = " ".join((review["notes"] or "none; what follows is about earlier ones").split())
    screen.line(f"Notes of the retry: {notes}", style="bold")
    if review["applied"] is None and review["notApplied"] is None:
        screen.line("  The agent does not say what it made of them.", style="yellow")
    for entry in applied:
        screen.line(f"  applied: {_of_note(entry)}")
    for entry in refused:
        screen.line(f"  not applied: {_of_note(entry)}", style="yellow")
    screen.line()


def _of_note(entry: Mapping[str, Any]) -> str:
    """The sentence about a part of the notes, after the words of that part."""
    words, message = (" ".join(str(entry.get(name) or "").split()) for name in ("note", "message"))
    return f"“{words}” – {message}" if words else message


def _show_content(screen: Screen, deliverable: Deliverable, most_rows: int | None) -> None:
    content = deliverable["content"]
    rows = rows_of(content)
    if rows is not None:
        show_rows(screen, rows, most_rows)
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
        lines = [*lines[:MOST_SQL_LINES], f"… {len(lines) - MOST_SQL_LINES} more lines"]
    screen.console.print(Panel(Text(harmless("\n".join(lines))), title="SQL", style="dim"))
