"""Following a run: every event as it comes, and the steps as they stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from baton.model import RunStatus, StepStatus
from baton_client import Client, Patience
from baton_client.approvals import ApprovalLine
from baton_client.runs import RunState
from cli import checkpoint
from cli.event_lines import EventLines
from cli.screen import COLOURS, Screen

_MARKS = {"completed": "✔", "failed": "✘", "skipped": "–", "checkpoint": "?", "pending": "·", "queued": "·"}
PATIENCE_SECONDS = 60.0  # how long a deployment may be away while its run is followed


class Follower:
    """Shows what happens to one run, each event once, however often it is asked to go on.

    Raises (all methods): Unreachable, Refused.
    """

    def __init__(
        self, client: Client, screen: Screen, run_id: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._patient = client.with_patience(Patience(PATIENCE_SECONDS, self._say_that_it_is_gone))
        self._screen = screen
        self._run_id = run_id
        self._pause = pause
        self._stream = self._patient.stream.open(run_id)
        self._lines = EventLines()
        self._asked: set[str | None] = set()  # approvals whose events were shown
        self._announced: set[str] = set()

    def to_the_end(self) -> RunState:
        """Until the run has ended; shows what waits for a person meanwhile. Answers the last status view."""
        return self._until(lambda _: False, announce=True)

    def to_a_checkpoint(self) -> RunState:
        """Until the run has ended or waits for a person, and the event of that was shown."""
        return self._until(lambda run: bool(self._asked_in(run)), announce=False)

    def _until(self, reached: Callable[[RunState], bool], *, announce: bool) -> RunState:
        live = _live(self._screen) if self._screen.terminal else None
        shown: AbstractContextManager[Any] = live or nullcontext()
        with shown:
            # Without patience: a person hears of a mistake at once.
            self._show(live, self._client.runs.status(self._run_id))
            over = self._show_news()
            while True:
                run = self._patient.runs.status(self._run_id)
                self._show(live, run)
                if announce:
                    self._announce(run)
                if (over and ended(run)) or reached(run):
                    return run
                self._pause(self._stream.retry_seconds)
                over = self._show_news()

    def _show_news(self) -> bool:
        """A line for every event since the last one; whether the run has ended and there are none. That an event says
        it has ended is not enough: somebody may have taken it up again."""
        events = self._stream.read()
        for event in events or []:
            self._screen.line(self._lines.line(event))
            self._asked.add(event["data"].get("approvalId"))
        return events is None

    def _asked_in(self, run: RunState) -> list[ApprovalLine]:
        """What waits for a person and has had its line. The status may know of it before its event was read; what a
        child run asks is an event of that run alone."""
        return [item for item in run["pendingApprovals"] if item["id"] in self._asked or item["runId"] != self._run_id]

    def _show(self, live: Live | None, run: RunState) -> None:
        if live:
            live.update(_steps(run))

    def _say_that_it_is_gone(self) -> None:
        self._screen.complain(f"{self._client.url} does not answer; trying again for a minute …")

    def _announce(self, run: RunState) -> None:
        if self._screen.json:
            return
        fresh = [approval for approval in self._asked_in(run) if approval["id"] not in self._announced]
        self._announced.update(approval["id"] for approval in fresh)
        for approval in fresh:
            announce(self._patient, self._screen, approval)


def ended(run: Mapping[str, Any]) -> bool:
    return RunStatus(run["status"]).ended


def announce(client: Client, screen: Screen, pending: ApprovalLine) -> None:
    """What waits for a person, the data to look at, and how to answer. ``pending`` is an approval as runs list it."""
    screen.line(f"{pending['stepId']} waits for a decision.", style="yellow")
    checkpoint.show(screen, client.approvals.get(pending["id"]))
    checkpoint.show_hint(screen, pending)


def _live(screen: Screen) -> Live:
    """Only our own lines go above it: in the demo, functions that write to their logs share this process' streams."""
    return Live(console=screen.console, transient=True, redirect_stdout=False, redirect_stderr=False)


def _steps(run: RunState) -> Table:
    """The steps as they stand, to be redrawn in place below the event lines."""
    table = Table.grid(padding=(0, 2))
    for step in run["steps"]:
        status = step["status"]
        colour = COLOURS[status]
        mark = Spinner("dots", style=colour) if status == StepStatus.RUNNING else f"[{colour}]{_MARKS[status]}[/]"
        attempt = f"attempt {step['attemptNumber']}" if step["attemptNumber"] > 1 else ""
        table.add_row(mark, step["name"] or step["id"], f"[{colour}]{status}[/]", attempt)
    return table
