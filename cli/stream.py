"""Follows a run: shows every event when it comes, and the current state of the steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, assert_never

from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from baton.model import RunStatus, StepStatus
from baton_client import Client, RetryPolicy
from baton_client.approvals import ApprovalLine
from baton_client.runs import RunState
from cli import checkpoint
from cli.event_lines import EventLines
from cli.screen import Screen, colour_of

MAX_ABSENCE_SECONDS = 60.0  # of a deployment, while we follow a run


class Follower:
    """Shows the events of one run, each once, also over several calls.

    Raises (all methods): Unreachable, Refused.
    """

    def __init__(
        self, client: Client, screen: Screen, run_id: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._retrying_client = client.with_retry_policy(RetryPolicy(MAX_ABSENCE_SECONDS, self._report_absence))
        self._screen = screen
        self._run_id = run_id
        self._pause = pause
        self._stream = self._retrying_client.stream.open(run_id)
        self._lines = EventLines()
        self._approvals_with_event: set[str | None] = set()  # ids of approvals whose event was shown
        self._announced: set[str] = set()

    def follow_to_end(self) -> RunState:
        """Follow until the run has ended, and show approvals that wait. Returns the last state of the run."""
        return self._until(lambda _: False, announce=True)

    def follow_to_checkpoint(self) -> RunState:
        """Follow until the run has ended, or waits for a person and the event of that was shown."""
        return self._until(lambda run: bool(self._approvals_to_show(run)), announce=False)

    def _until(self, reached: Callable[[RunState], bool], *, announce: bool) -> RunState:
        live = _live(self._screen) if self._screen.terminal else None
        shown: AbstractContextManager[Any] = live or nullcontext()
        with shown:
            # The first request is sent once: a person sees a mistake immediately.
            self._show(live, self._client.runs.status(self._run_id))
            over = self._show_news()
            while True:
                run = self._retrying_client.runs.status(self._run_id)
                self._show(live, run)
                if announce:
                    self._announce(run)
                if (over and has_ended(run)) or reached(run):
                    return run
                self._pause(self._stream.retry_seconds)
                over = self._show_news()

    def _show_news(self) -> bool:
        """Show the new events. Returns whether the run has ended and there are no more events.

        An event alone does not prove the end: a person may have retried the run since.
        """
        events = self._stream.read()
        for event in events or []:
            self._screen.line(self._lines.line(event))
            self._approvals_with_event.add(event["data"].get("approvalId"))
        return events is None

    def _approvals_to_show(self, run: RunState) -> list[ApprovalLine]:
        """The open approvals whose event was shown. The status may know an approval before its event comes; the event
        of a child run's approval belongs to the child run, so it never comes."""
        return [
            item
            for item in run["pendingApprovals"]
            if item["id"] in self._approvals_with_event or item["runId"] != self._run_id
        ]

    def _show(self, live: Live | None, run: RunState) -> None:
        if live:
            live.update(_steps(run))

    def _report_absence(self) -> None:
        self._screen.to_stderr(f"{self._client.url} does not answer; trying again for a minute …")

    def _announce(self, run: RunState) -> None:
        if self._screen.json:
            return
        new = [approval for approval in self._approvals_to_show(run) if approval["id"] not in self._announced]
        self._announced.update(approval["id"] for approval in new)
        for approval in new:
            announce(self._retrying_client, self._screen, approval)


def has_ended(run: Mapping[str, Any]) -> bool:
    return RunStatus(run["status"]).ended


def announce(client: Client, screen: Screen, pending: ApprovalLine) -> None:
    """Show an open approval: the step, the data to review, and the commands that decide it."""
    screen.line(f"{pending['stepId']} waits for a decision.", style="yellow")
    checkpoint.show(screen, client.approvals.get(pending["id"]))
    checkpoint.show_hint(screen, pending)


def _live(screen: Screen) -> Live:
    """The live display. It captures no output: in the demo, functions of this process write to the same streams."""
    return Live(console=screen.console, transient=True, redirect_stdout=False, redirect_stderr=False)


def _steps(run: RunState) -> Table:
    """The current state of the steps, which is redrawn below the event lines."""
    table = Table.grid(padding=(0, 2))
    for step in run["steps"]:
        status = StepStatus(step["status"])
        colour = colour_of(status)
        attempt = f"attempt {step['attemptNumber']}" if step["attemptNumber"] > 1 else ""
        table.add_row(_mark(status, colour), step["name"] or step["id"], f"[{colour}]{status}[/]", attempt)
    return table


def _mark(status: StepStatus, colour: str) -> Spinner | str:
    match status:
        case StepStatus.RUNNING:
            return Spinner("dots", style=colour)
        case StepStatus.COMPLETED:
            sign = "✔"
        case StepStatus.FAILED:
            sign = "✘"
        case StepStatus.SKIPPED:
            sign = "–"
        case StepStatus.CHECKPOINT:
            sign = "?"
        case StepStatus.PENDING | StepStatus.QUEUED:
            sign = "·"
        case _:
            assert_never(status)
    return f"[{colour}]{sign}[/]"
