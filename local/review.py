"""A checkpoint on the terminal: what is asked, the data, and the person's decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.panel import Panel
from rich.text import Text

from baton import exact_json
from cli import typed
from cli.screen import Screen

MOST_ROWS = 40
MOST_SQL_LINES = 8  # on a terminal
WHOLE_SQL = "sql"

Ask = Callable[[str], str]


@dataclass(frozen=True)
class Answer:
    """A decision as the API takes it."""

    decision: str
    notes: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"decision": self.decision}
        if self.notes:
            body["notes"] = self.notes
        if self.modifications:
            body["modifications"] = dict(self.modifications)
        return body


def show(screen: Screen, approval: Mapping[str, Any]) -> None:
    """The rows that the reviewed step delivered and, less prominently, the SQL that found them; then the question."""
    deliverable = approval["data"]["deliverable"] or {"title": "No data", "metadata": {}, "content": "[]"}
    screen.line()
    screen.line(deliverable["title"], style="bold")
    _show_rows(screen, _rows(deliverable["content"]))
    if notice := deliverable["metadata"].get("notice"):
        screen.line(notice, style="yellow")
    if sql := _sql(approval):
        _show_sql(screen, sql)
    screen.line()
    screen.line(approval["question"], style="bold yellow")


def ask(screen: Screen, approval: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]], ask: Ask) -> Answer:
    """The person's decision. ``parameters`` are the definition's, each with its current ``value``.

    Raises EOFError when nobody answers any more.
    """
    options = {option["action"]: option for option in approval["options"]}
    for action, option in options.items():
        screen.line(f"  {action:<9} {option['label']}")
    sql = _sql(approval)
    if sql and screen.terminal and _too_long(sql):
        screen.line(f"  {WHOLE_SQL:<9} Show the whole SQL")
    while (decision := _choose(screen, [*options, WHOLE_SQL] if sql else list(options), ask)) == WHOLE_SQL:
        screen.raw(f"\n{sql.strip()}\n\n")
    modifications = {}
    if options[decision]["allowsModification"]:
        modifications = _changes(screen, parameters, ask)
    notes = ask("Notes for the record (Enter for none): ").strip()
    return Answer(decision, notes or None, modifications)


def _choose(screen: Screen, actions: Sequence[str], ask: Ask) -> str:
    """One of the actions, by its name or any beginning of it that only it has."""
    while True:
        text = ask(f"{' / '.join(actions)} (the first letter will do)? ").strip().lower()
        fitting = [action for action in actions if text and action.startswith(text)]
        if len(fitting) == 1:
            return fitting[0]
        screen.line(f"Please type one of {', '.join(actions)}, or its first letter.")


def _changes(screen: Screen, parameters: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
    screen.line("What should be different? Enter keeps what stands in brackets.")
    changes = {}
    for parameter in parameters:
        choices = f" ({'/'.join(map(str, parameter['enum']))})" if parameter["enum"] else ""
        text = ask(f"  {parameter['name']}{choices} [{_readable(parameter['value'])}]: ").strip()
        if text:
            changes[parameter["name"]] = typed.of_type(parameter["type"], text)
    return changes


def _sql(approval: Mapping[str, Any]) -> str:
    return str(((approval["data"]["deliverable"] or {}).get("metadata") or {}).get("sql") or "")


def _too_long(sql: str) -> bool:
    return len(sql.strip().splitlines()) > MOST_SQL_LINES


def _show_sql(screen: Screen, sql: str) -> None:
    """On a terminal only as much as leaves the figures in sight; all of it in a log."""
    if not screen.terminal:
        screen.raw(f"\nSQL:\n{sql.strip()}\n")
        return
    lines = sql.strip().splitlines()
    shown = lines[:MOST_SQL_LINES] + ([f"… {len(lines) - MOST_SQL_LINES} more lines"] if _too_long(sql) else [])
    screen.console.print(Panel(Text("\n".join(shown)), title="SQL", style="dim"))


def _show_rows(screen: Screen, rows: Sequence[Mapping[str, Any]]) -> None:
    """One line a period and one column a KPI, or the rows as they are if they have another shape."""
    columns, lines, numbers = _pivot(rows) if _are_kpi_rows(rows) else _plain(rows)
    screen.table(columns, lines[:MOST_ROWS], numbers)
    hidden = len(lines) - MOST_ROWS
    if hidden > 0:
        screen.line(f"… and {hidden} more lines")
    screen.line(f"{len(rows)} rows")


def _are_kpi_rows(rows: Sequence[Mapping[str, Any]]) -> bool:
    return bool(rows) and all({"kpi", "unit", "period", "value"} <= row.keys() for row in rows)


def _pivot(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]], list[str]]:
    kpis = list(dict.fromkeys(f"{row['kpi']} ({row['unit']})" for row in rows))
    by_company = any(row.get("company") for row in rows)
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row["period"], row.get("company")) if by_company else (row["period"],)
        lines.setdefault(key, {})[f"{row['kpi']} ({row['unit']})"] = _readable(row["value"])
    ordered = sorted(lines, key=lambda key: tuple(map(str, key)))
    columns = ["period", *(["company"] if by_company else []), *kpis]
    return columns, [[*key, *(lines[key].get(kpi, "–") for kpi in kpis)] for key in ordered], kpis


def _plain(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]], list[str]]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return columns, [[_readable(row.get(column)) for column in columns] for row in rows], []


def _rows(content: str) -> list[Mapping[str, Any]]:
    try:
        value = exact_json.loads(content)
    except ValueError:
        return []
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _readable(value: Any) -> str:
    match value:
        case None:
            return "–"
        case list():
            return ", ".join(map(_readable, value))
        case bool() | str():
            return str(value)
        case dict():
            return exact_json.dumps(value)
        case _:
            return f"{value:,}"  # a Decimal keeps its digits
