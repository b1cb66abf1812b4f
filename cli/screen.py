"""The output of the command: JSON for programs, plain lines for pipes and logs, colours on a terminal."""

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
    """Standard output and standard error. With ``json`` it prints only JSON documents, one a line."""

    def __init__(self, *, json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.json = json
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        for stream in (self._out, self._err):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal's encoding may lack a character
        self.terminal = not json and self._out.isatty()
        self.console = Console(file=self._out, highlight=False, soft_wrap=not self.terminal)

    def document(self, value: Any) -> None:
        """Print JSON for programs. Decimals keep the deployment's digits."""
        self.raw(exact_json.dumps(value) + "\n")

    def raw(self, text: str) -> None:
        """Print text unchanged: generated files, tokens. For text of other authors use ``text``."""
        self._out.write(text)
        self._out.flush()

    def text(self, text: str) -> None:
        """Print many lines of another author. On a terminal, control characters are removed."""
        self.raw((printable(text) if self.terminal else text).rstrip("\n") + "\n")

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line for people. Brackets in ``text`` are no markup."""
        if self.terminal:
            self.console.print(escape(printable(text)), style=style or None)
        elif not self.json:
            self.raw(text.rstrip() + "\n")

    def to_stderr(self, text: str) -> None:
        self._err.write(text + "\n")
        self._err.flush()

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], numbers: Sequence[str] = ()) -> None:
        """Print a table on a terminal, tab-separated lines elsewhere. Columns in ``numbers`` are aligned right."""
        if self.json:
            return
        if not self.terminal:
            for row in (columns, *rows):
                self.line("\t".join(_cell(value) for value in row))
            return
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in columns:
            table.add_column(escape(printable(column)), justify="right" if column in numbers else "left")
        for row in rows:
            table.add_row(*(_styled(value) for value in row))
        self.console.print(table)

    def markdown(self, text: str) -> None:
        if self.terminal:
            self.console.print(Markdown(printable(text)))
        else:
            self.text(text)


def error_text(error: Mapping[str, Any] | None) -> str:
    """The error of a run or step as text: step, type and message. Empty without an error."""
    if not error:
        return ""
    return ": ".join(str(error[name]) for name in ("stepId", "type", "message") if error.get(name))


def _cell(value: Any) -> str:
    return "" if value is None else str(value).replace("\t", " ").replace("\n", " ")


def printable(text: str) -> str:
    """``text`` without control characters, which a terminal would obey."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def _styled(value: Any) -> str:
    text = escape(printable(_cell(value)))
    colour = COLOURS.get(text)
    return f"[{colour}]{text}[/]" if colour else text
