"""What the command shows: JSON for programs, plain lines for pipes and logs, colour and movement on a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table

from baton import exact_json

COLOURS = {
    "completed": "green",
    "running": "cyan",
    "checkpoint": "yellow",
    "failed": "red",
    "aborted": "red",
    "skipped": "bright_black",
    "pending": "bright_black",
    "queued": "bright_black",
}


class Screen:
    """Standard output and error. ``json`` prints documents only, one a line."""

    def __init__(self, *, json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.json = json
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        for stream in (self._out, self._err):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal that has no dash is no reason to fail
        self.terminal = not json and self._out.isatty()
        self.console = Console(file=self._out, highlight=False, soft_wrap=not self.terminal)

    def document(self, value: Any) -> None:
        """The answer for programs: JSON whose decimals are the deployment's, digit by digit."""
        self.raw(exact_json.dumps(value) + "\n")

    def raw(self, text: str) -> None:
        """Text as it is: generated files, tokens. Not for what others wrote: see ``text``."""
        self._out.write(text)
        self._out.flush()

    def text(self, text: str) -> None:
        """What somebody else wrote, over many lines; as it is, but that it cannot command a terminal."""
        self.raw((harmless(text) if self.terminal else text).rstrip("\n") + "\n")

    def line(self, text: str = "", style: str = "") -> None:
        """One line for people. ``text`` is shown literally, brackets and all."""
        if self.terminal:
            self.console.print(escape(harmless(text)), style=style or None)
        elif not self.json:
            self.raw(text.rstrip() + "\n")

    def complain(self, text: str) -> None:
        self._err.write(text + "\n")
        self._err.flush()

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], numbers: Sequence[str] = ()) -> None:
        """A table on a terminal, tab-separated lines elsewhere. ``numbers`` names the columns to align right."""
        if self.json:
            return
        if not self.terminal:
            for row in (columns, *rows):
                self.line("\t".join(_cell(value) for value in row))
            return
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in columns:
            table.add_column(escape(harmless(column)), justify="right" if column in numbers else "left")
        for row in rows:
            table.add_row(*(_styled(value) for value in row))
        self.console.print(table)

    def markdown(self, text: str) -> None:
        if self.terminal:
            self.console.print(Markdown(harmless(text)))
        else:
            self.text(text)


def error_text(error: Mapping[str, Any] | None) -> str:
    """An error of a run or step, readable: which step, what kind, and what happened. Empty if there is none."""
    if not error:
        return ""
    return ": ".join(str(error[name]) for name in ("stepId", "type", "message") if error.get(name))


def _cell(value: Any) -> str:
    return "" if value is None else str(value).replace("\t", " ").replace("\n", " ")


def harmless(text: str) -> str:
    """Without the control characters that a terminal would obey."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def _styled(value: Any) -> str:
    text = escape(harmless(_cell(value)))
    colour = COLOURS.get(text)
    return f"[{colour}]{text}[/]" if colour else text
