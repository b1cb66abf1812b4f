"""``baton run`` and ``baton status``."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from baton.model import RunStatus
from cli import typed
from cli.command import Command, Subparsers, add_parser
from cli.deliverables import show_summaries
from cli.deployment import segment
from cli.follow import Follower, announce, ended
from cli.screen import Screen, error_text


def add_parsers(subparsers: Subparsers) -> None:
    run = add_parser(subparsers, "run", launch, "launch an orchestration")
    run.add_argument("name", metavar="NAME", help="the orchestration, e.g. kpi-tracking")
    run.add_argument(
        "--param",
        metavar="NAME=VALUE",
        type=typed.pair,
        action="append",
        default=[],
        help="a parameter, read by its declared type: kpi_names=revenue,expenses start_date=2024-07-01",
    )
    run.add_argument("--version", metavar="VERSION", help="a version of the definition (default: the newest)")
    run.add_argument("--org", metavar="ORG", help="the organisation that owns the run (default: BATON_ORG)")
    run.add_argument("--follow", action="store_true", help="show progress until the run has ended")

    status = add_parser(subparsers, "status", show_status, "show how a run stands")
    status.add_argument("id", metavar="RUN", help="the run's id")
    status.add_argument("--follow", action="store_true", help="show progress until the run has ended")


def launch(command: Command) -> int:
    """Launch, then show the steps, or follow the run to its end."""
    arguments, screen, organization = command.arguments, command.screen, command.organization
    path = f"/orchestrations/definitions/{segment(arguments.name)}"
    definition = command.deployment.get(path, {"organization": organization})
    launched = command.deployment.post(
        "/orchestrations/runs",
        {
            "organization": organization,
            "orchestration": {"name": arguments.name, "version": arguments.version},
            "parameters": typed.parameters(definition["parameters"], arguments.param),
        },
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    screen.line(f"Run {launched['id']} of {launched['definition']['name']} {launched['definition']['version']}")
    if arguments.follow:
        return follow(command, launched["id"])
    if screen.json:
        screen.document(launched)
    else:
        show_steps(screen, launched["steps"])
        screen.line(f"Follow it with: baton status {launched['id']} --follow")
    return 0


def show_status(command: Command) -> int:
    return (follow if command.arguments.follow else show)(command, command.arguments.id)


def follow(command: Command, run_id: str) -> int:
    """Show a run's progress to its end, then the run."""
    try:
        Follower(command.deployment, command.screen, run_id).to_the_end()
    except KeyboardInterrupt:
        command.screen.complain(f"The run goes on without you: baton status {run_id}")
        raise
    return show(command, run_id)


def show(command: Command, run_id: str) -> int:
    """Show a run. That it failed or was aborted is a failure of the command, too."""
    run = command.deployment.get(f"/orchestrations/runs/{segment(run_id)}")
    if command.screen.json:
        command.screen.document(run)
    else:
        show_run(command, run)
    return 1 if ended(run) and run["status"] != RunStatus.COMPLETED else 0


def show_run(command: Command, run: Mapping[str, Any]) -> None:
    """How it stands, what waits for a person, what was made; and at its end, what it was for."""
    screen, definition = command.screen, run["definition"]
    screen.line(f"{definition['name']} {definition['version']}: {run['status']}", style="bold")
    if run["error"]:
        screen.line(error_text(run["error"]), style="red")
    show_steps(screen, run["steps"], told=run["error"])
    for deliverable in run["deliverables"]:
        screen.line(f"Deliverable {deliverable['id']}: {deliverable['title']} ({deliverable['format']})")
    for approval in run["pendingApprovals"]:
        announce(command.deployment, screen, approval)
    show_way_on(screen, run)
    if run["status"] == RunStatus.COMPLETED:
        show_summaries(command.deployment, screen, run)


def show_way_on(screen: Screen, run: Mapping[str, Any]) -> None:
    """What can be done about a run that did not complete."""
    if run["status"] == RunStatus.FAILED and run["parentRunId"]:
        screen.line(f"It is a child run, and goes on with its root run: baton retry {run['rootRunId']}")
    elif run["status"] == RunStatus.FAILED:
        if (run["error"] or {}).get("retryable") is False:
            screen.line("Time alone will not mend this.")
        screen.line(f"Try again: baton retry {run['id']} [--set NAME=VALUE]")
        screen.line(f"Or do without the step: baton skip {run['id']} [--output NAME=VALUE]")
    elif run["status"] == RunStatus.ABORTED:
        screen.line(f"Begin anew at one of its steps: baton fork {run['id']} --from STEP")


def declared_parameters(command: Command, run: Mapping[str, Any], version: str | None = None) -> list[dict[str, Any]]:
    """The parameters of the definition that a run follows, or of another version of it."""
    definition = command.deployment.get(
        f"/orchestrations/definitions/{segment(run['definition']['name'])}",
        {"organization": run["organization"], "version": version or run["definition"]["version"]},
    )
    parameters: list[dict[str, Any]] = definition["parameters"]
    return parameters


def show_steps(screen: Screen, steps: Sequence[Mapping[str, Any]], told: Mapping[str, Any] | None = None) -> None:
    """A line a step. ``told`` is an error that was shown already: a step that failed with it shows its type only."""
    rows = [
        (step["id"], step["status"], step.get("attemptNumber", 1), step["agent"], _brief(step.get("error"), told))
        for step in steps
    ]
    screen.table(("STEP", "STATUS", "ATTEMPT", "AGENT", "ERROR"), rows, numbers=("ATTEMPT",))


def _brief(error: Mapping[str, Any] | None, told: Mapping[str, Any] | None) -> str:
    if error and told and error.get("message") == told.get("message"):
        return str(error.get("type") or "")
    return error_text(error)
