"""Following a run: every event as it comes, and the steps as they stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from baton import exact_json
from baton.model import RunStatus, StepStatus
from cli import review
from cli.deployment import Deployment, segment
from cli.event_stream import EventStream
from cli.patience import patient
from cli.screen import COLOURS, Screen
from cli.telling import Telling

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
        self._patient = deployment.through(lambda send: patient(send, self._say_that_it_is_gone, pause))
        self._screen = screen
        self._run_id = run_id
        self._path = f"/orchestrations/runs/{segment(run_id)}"
        self._pause = pause
        self._stream = EventStream()
        self._telling = Telling()
        self._asked: set[str] = set()  # approvals whose events were told
        self._announced: set[str] = set()

    def to_the_end(self) -> Run:
        """Until the run has ended; shows what waits for a person meanwhile. Answers the last status view."""
        return self._until(lambda _: False, announce=True)

    def to_a_checkpoint(self) -> Run:
        """Until the run has ended or waits for a person, and this was told."""
        return self._until(lambda run: bool(self._told(run)), announce=False)

    def _until(self, reached: Callable[[Run], bool], *, announce: bool) -> Run:
        live = _live(self._screen) if self._screen.terminal else None
        shown: AbstractContextManager[Any] = live or nullcontext()
        with shown:
            # Here nothing is waited for yet: whoever made a mistake hears of it at once.
            self._show(live, self._deployment.get(f"{self._path}/status"))
            over = self._tell_news()
            while True:
                run: Run = self._patient.get(f"{self._path}/status")
                self._show(live, run)
                if announce:
                    self._announce(run)
                if (over and ended(run)) or reached(run):
                    return run
                self._pause(self._stream.retry_seconds)
                over = self._tell_news()

    def _tell_news(self) -> bool:
        """A line for every event since the last one; whether the run has ended and there are none. That an event says
        it has ended is not enough: somebody may have taken it up again."""
        text = self._patient.event_stream(f"{self._path}/status/stream", self._stream.last_id)
        for message in self._stream.read(text or ""):
            event = exact_json.loads(message.data)
            self._screen.line(self._telling.line(event))
            self._asked.add(event["data"].get("approvalId"))
        return text is None

    def _told(self, run: Run) -> list[dict[str, Any]]:
        """What waits for a person and has had its line. The status may know of it before its event was read; what a
        child run asks is an event of that run alone."""
        return [item for item in run["pendingApprovals"] if item["id"] in self._asked or item["runId"] != self._run_id]

    def _show(self, live: Live | None, run: Run) -> None:
        if live:
            live.update(_steps(run))

    def _say_that_it_is_gone(self) -> None:
        self._screen.complain(f"{self._deployment.url} does not answer; trying again for a minute …")

    def _announce(self, run: Run) -> None:
        if self._screen.json:
            return
        fresh = [approval for approval in self._told(run) if approval["id"] not in self._announced]
        self._announced.update(approval["id"] for approval in fresh)
        for approval in fresh:
            announce(self._patient, self._screen, approval)


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
        mark = Spinner("dots", style=colour) if status == StepStatus.RUNNING else f"[{colour}]{_MARKS[status]}[/]"
        attempt = f"attempt {step['attemptNumber']}" if step["attemptNumber"] > 1 else ""
        table.add_row(mark, step["name"] or step["id"], f"[{colour}]{status}[/]", attempt)
    return table
