"""``make demo``: runs kpi-tracking on this machine, from the launch over a person's decision to a summary."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

from baton.model import RunStatus
from baton_client import BatonClientError, Client, Refused, RetryPolicy
from baton_client.approvals import Approval
from baton_client.runs import Run
from baton_client.tasks import TaskLaunchResult
from cli.checkout import STATE
from cli.checkpoint import show
from cli.deliverables import show_summaries
from cli.kpi import ImportRefused
from cli.saving import save_deliverables
from cli.screen import Screen, error_text
from cli.stream import Follower
from local import demo_state, interruptions, review
from local.data_directory import DataMissing
from local.migrations import MigrationRefused
from local.own_numbers import OwnNumbers
from local.stack import ORGANIZATION, ROLES, Stack
from local.up import EXPECTED

AGENT = "finance-manager"
DEFINITION = "kpi-tracking"
DEMO_PARAMETERS = {
    "kpi_names": ["revenue", "expenses", "profit_margin"],
    "start_date": "2024-07-01",
    "end_date": "2024-09-30",
    "grouping": "month",
}


@dataclass(frozen=True)
class Demo:
    """One run, shown from its launch to its summary."""

    client: Client
    screen: Screen
    organization: str
    parameters: Mapping[str, Any]
    interactive: bool
    folder: Path

    def play(self) -> int:
        """Run the demo; returns the exit code, 1 if the run failed."""
        launched = self._launch()
        follower = Follower(self.client, self.screen, launched["orchestrationRunId"])
        while (run := follower.follow_to_checkpoint())["pendingApprovals"]:
            self._review(run["id"], run["pendingApprovals"][0]["id"])
        return self._finish(self.client.runs.get(run["id"]))

    def _launch(self) -> TaskLaunchResult:
        kpis = ", ".join(self.parameters["kpi_names"])
        start, end, grouping = (self.parameters[name] for name in ("start_date", "end_date", "grouping"))
        self.screen.line(f"Launching {DEFINITION}: {kpis}, {start} to {end}, by {grouping}", style="bold")
        answer = self.client.tasks.build(AGENT, DEFINITION, self.parameters, path=self.organization)
        return answer["payload"]["content"]

    def _review(self, run_id: str, approval_id: str) -> None:
        approval = self.client.approvals.get(approval_id)
        show(self.screen, approval)
        while True:
            try:
                answer = self._decide(run_id, approval)
                self.client.approvals.decide(
                    approval_id, answer.decision, notes=answer.notes, modifications=answer.modifications or None
                )
                return
            except Refused as error:
                if not self.interactive:
                    raise
                self.screen.line(str(error), style="red")

    def _decide(self, run_id: str, approval: Approval) -> review.Answer:
        if not self.interactive:
            self.screen.line("There is no terminal for a question: taking `continue`.")
            return review.Answer("continue", notes="taken by the demo, without a terminal")
        try:
            return review.ask(self.screen, approval, self._current_parameters(run_id), input)
        except EOFError:
            self.screen.line("\nNo answer: taking `abort`.")
            return review.Answer("abort")

    def _current_parameters(self, run_id: str) -> list[dict[str, Any]]:
        """The definition's parameters, each with its value for the next attempt."""
        run = self.client.runs.get(run_id)
        definition = self.client.library.definitions.get(DEFINITION, organization=self.organization)
        values = {**(run["parameters"] or {}), **(run["parameterOverrides"] or {})}
        return [{**parameter, "value": values[parameter["name"]]} for parameter in definition["parameters"] or []]

    def _finish(self, run: Run) -> int:
        self.screen.line()
        status = RunStatus(run["status"])
        saved = save_deliverables(self.client, run, self.folder / run["id"])
        match status:
            case RunStatus.COMPLETED:
                show_summaries(self.client, self.screen, run)
                self.screen.line()
            case RunStatus.FAILED:
                self.screen.line(f"The run failed. {error_text(run['error'])}", style="red")
                self.screen.line("The demo does not retry it: `make demo` starts another run.")
            case RunStatus.ABORTED:
                self.screen.line("The run was aborted, so there is no summary.", style="yellow")
            case RunStatus.PENDING | RunStatus.RUNNING | RunStatus.CHECKPOINT:
                raise AssertionError(f"a run that has ended is not {status}")
            case _:
                assert_never(status)
        if saved:
            self.screen.line("Deliverables", style="bold")
            for line, file in saved:
                self.screen.line(f"  {line['id']}  {line['title']}")
                self.screen.raw(f"  {file}\n")  # without a line break, so that it can be copied
        return 1 if status is RunStatus.FAILED else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local demo", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="FILE.csv", help="your own numbers, instead of the demo's")
    parser.add_argument("--state", type=Path, default=STATE / "demo", metavar="FOLDER", help="the folder of all data")
    parsed = parser.parse_args(arguments)
    interruptions.handle(_interrupt)
    screen = Screen()
    try:
        own_numbers = OwnNumbers.read(parsed.data) if parsed.data else None
        with _running_stack(parsed.state, screen) as stack:
            demo = _demo(stack, screen, parsed.state, own_numbers)
            with demo.client:
                code = demo.play()
            demo_state.run_has_ended(parsed.state)
            return code
    except BrokenPipeError:
        raise  # ``closed_pipe`` handles it
    except (*EXPECTED, BatonClientError, ImportRefused) as error:
        print(f"baton: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _demo(stack: Stack, screen: Screen, state: Path, own_numbers: OwnNumbers | None) -> Demo:
    organization, parameters = ORGANIZATION, DEMO_PARAMETERS
    if own_numbers:
        organization = own_numbers.organization
        token = stack.token(*ROLES, organization=organization)
        parameters = own_numbers.load(stack.database_url, screen)
    else:
        token = stack.env["BATON_TOKEN"]
    client = Client(stack.url, token, retry_policy=RetryPolicy(0))
    return Demo(client, screen, organization, parameters, sys.stdin.isatty(), state / "deliverables")


@contextmanager
def _running_stack(state: Path, screen: Screen) -> Iterator[Stack]:
    """A context in which the stack runs. Before its start, deletes the state of an unfinished demo, or state that
    cannot be used; then a message says so."""
    demo_state.drop_unfinished(state)
    screen.raw(f"Starting Baton on this machine (its state and logs: {state})\n")
    with ExitStack() as resources:
        try:
            stack = resources.enter_context(Stack(data_dir=state, durable=False))
        except (MigrationRefused, DataMissing) as error:
            screen.line(f"The demo begins with an empty database. {error}", style="yellow")
            demo_state.drop(state)
            stack = resources.enter_context(Stack(data_dir=state, durable=False))
        resources.callback(_announce_stop, screen)
        demo_state.run_begins(state)
        yield stack


def _announce_stop(screen: Screen) -> None:
    with suppress(OSError):  # the terminal may have gone
        screen.line("Stopping …")


def _interrupt(number: int, frame: object) -> None:
    """The first interruption stops the demo. Further ones are ignored, because they would leave a process behind."""
    interruptions.handle(signal.SIG_IGN)
    raise KeyboardInterrupt
