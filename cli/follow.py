"""Following a run: every event as it comes, and the steps as they stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from baton.model import RunStatus
from cli import review
from cli.deployment import Deployment, segment
from cli.screen import COLOURS, Screen
from cli.telling import Telling

SECONDS_BETWEEN_LOOKS = 0.4
EVENTS_A_LOOK = 200
_MARKS = {"completed": "✔", "failed": "✘", "skipped": "–", "checkpoint": "?", "pending": "·", "queued": "·"}

Run = dict[str, Any]


class Follower:
    """Shows what happens to one run, each event once, however often it is asked to go on.

    Raises (all methods): Unreachable, Refused.
    """

    def __init__(
        self, deployment: Deployment, screen: Screen, run_id: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._deployment = deployment
        self._screen = screen
        self._path = f"/orchestrations/runs/{segment(run_id)}"
        self._pause = pause
        self._telling = Telling()
        self._seen = 0
        self._announced: set[str] = set()

    def to_the_end(self) -> Run:
        """Until the run has ended; shows what waits for a person meanwhile. Answers the last status view."""
        return self._until(lambda _: False, announce=True)

    def to_a_checkpoint(self) -> Run:
        """Until the run has ended or waits for a person."""
        return self._until(lambda run: bool(run["pendingApprovals"]), announce=False)

    def _until(self, reached: Callable[[Run], bool], *, announce: bool) -> Run:
        live = _live(self._screen) if self._screen.terminal else None
        shown: AbstractContextManager[Any] = live or nullcontext()
        with shown:
            while True:
                # The status first: when it says that the run has ended, the events read after it are all there are.
                run: Run = self._deployment.get(f"{self._path}/status")
                self._show_new_events()
                if live:
                    live.update(_steps(run))
                if announce:
                    self._announce(run)
                if ended(run) or reached(run):
                    return run
                self._pause(SECONDS_BETWEEN_LOOKS)

    def _show_new_events(self) -> None:
        while True:
            query = {"after": self._seen, "limit": EVENTS_A_LOOK}
            events = self._deployment.get(f"{self._path}/events", query)["events"]
            for event in events:
                self._screen.line(self._telling.line(event))
                self._seen = event["sequence"]
            if len(events) < EVENTS_A_LOOK:
                return

    def _announce(self, run: Run) -> None:
        if self._screen.json:
            return
        fresh = [approval for approval in run["pendingApprovals"] if approval["id"] not in self._announced]
        self._announced.update(approval["id"] for approval in fresh)
        for approval in fresh:
            announce(self._deployment, self._screen, approval)


def ended(run: Mapping[str, Any]) -> bool:
    return RunStatus(run["status"]).ended


def announce(deployment: Deployment, screen: Screen, pending: Mapping[str, Any]) -> None:
    """What waits for a person, the data to look at, and how to answer. ``pending`` is an approval as runs list it."""
    screen.line(f"{pending['stepId']} waits for a decision.", style="yellow")
    review.show(screen, deployment.get(f"/orchestrations/approvals/{pending['id']}"))
    review.show_hint(screen, pending)


def _live(screen: Screen) -> Live:
    """Only our own lines go above it: in the demo, functions that write to their logs share this process' streams."""
    return Live(console=screen.console, transient=True, redirect_stdout=False, redirect_stderr=False)


def _steps(run: Run) -> Table:
    """The steps as they stand, to be redrawn in place below the event lines."""
    table = Table.grid(padding=(0, 2))
    for step in run["steps"]:
        status = step["status"]
        colour = COLOURS[status]
        mark = Spinner("dots", style=colour) if status == "running" else f"[{colour}]{_MARKS[status]}[/]"
        attempt = f"attempt {step['attemptNumber']}" if step["attemptNumber"] > 1 else ""
        table.add_row(mark, step["name"] or step["id"], f"[{colour}]{status}[/]", attempt)
    return table
