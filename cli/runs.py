"""``baton run`` launches a run, ``baton status`` shows one, ``baton runs`` lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from baton.model import EventType, RunStatus
from baton_client.runs import Callback, Execution, Run, RunLine
from baton_client.vocabulary import EventType as EventTypeName
from cli import pages, parameters
from cli.command import Command, Subparsers, add_parser
from cli.contents import show_omitted
from cli.deliverables import show_summaries
from cli.errors import CommandFailed
from cli.screen import Screen, error_text
from cli.stream import Follower, announce, has_ended

_COLUMNS = ("ID", "STATUS", "ORCHESTRATION", "VERSION", "CREATED", "ERROR")


def add_parsers(subparsers: Subparsers) -> None:
    run = add_parser(subparsers, "run", launch, "launch an orchestration")
    run.add_argument("name", metavar="NAME", help="the orchestration, e.g. kpi-tracking")
    run.add_argument(
        "--param",
        metavar="NAME=VALUE",
        type=parameters.pair,
        action="append",
        default=[],
        help="a parameter, read by its declared type: kpi_names=revenue,expenses start_date=2024-07-01",
    )
    run.add_argument("--version", metavar="VERSION", help="a version of the definition (default: the newest)")
    run.add_argument("--org", metavar="ORG", help="the organisation that owns the run (default: BATON_ORG)")
    run.add_argument("--callback", metavar="URL", help="a webhook that gets the events of this run and its child runs")
    run.add_argument(
        "--callback-event", action="append", dest="callback_events", choices=[str(event) for event in EventType],
        metavar="TYPE", help="a type of events of --callback; repeat it for each (default: all)",
    )  # fmt: skip
    run.add_argument("--follow", action="store_true", help="show progress until the run has ended")

    status = add_parser(subparsers, "status", show_status, "show the state of a run")
    status.add_argument("id", metavar="RUN", help="the run's id")
    status.add_argument("--follow", action="store_true", help="show progress until the run has ended")

    runs = add_parser(subparsers, "runs", list_runs, "list runs, the newest first")
    runs.add_argument("--status", choices=[str(status) for status in RunStatus])
    runs.add_argument("--open", action="store_true", help="only those that have not ended")
    runs.add_argument("--definition", metavar="NAME", help="only those of one orchestration")
    runs.add_argument("--parent", metavar="RUN", help="only the child runs of a run")
    pages.add_arguments(runs)


def launch(command: Command) -> int:
    """Launch, then show the steps, or follow the run to its end."""
    arguments, screen, organization = command.arguments, command.screen, command.organization
    callback = callback_of(arguments.callback, arguments.callback_events)
    definition = command.client.library.definitions.get(arguments.name, organization=organization)
    launched = command.client.runs.launch(
        arguments.name,
        parameters.launch_parameters(definition["parameters"] or [], arguments.param),
        version=arguments.version,
        organization=organization,
        callback=callback,
    )
    screen.line(f"Run {launched['id']} of {launched['definition']['name']} {launched['definition']['version']}")
    if arguments.follow:
        return follow(command, launched["id"])
    if screen.json:
        screen.document(launched)
    else:
        show_steps(screen, launched["steps"])
        show_execution(screen, launched["execution"])
        screen.line(f"Follow it with: baton status {launched['id']} --follow")
    return 0


def callback_of(url: str | None, events: Sequence[EventTypeName] | None) -> Callback | None:
    """The callback of a launch; ``events`` None means all types. Raises CommandFailed for events without a URL."""
    if url is not None:
        return {"url": url, "events": events or [event.value for event in EventType]}
    if events:
        raise CommandFailed("--callback-event needs --callback URL, the webhook that gets these events.")
    return None


def list_runs(command: Command) -> int:
    arguments = command.arguments
    page = command.client.runs.page(
        arguments.cursor,
        organization=arguments.org,
        lifecycle="open" if arguments.open else None,
        status=arguments.status,
        definition=arguments.definition,
        parent=arguments.parent,
        limit=arguments.limit,
    )
    return pages.show(command, page, "runs", _COLUMNS, _row)


def show_status(command: Command) -> int:
    return (follow if command.arguments.follow else show)(command, command.arguments.id)


def follow(command: Command, run_id: str) -> int:
    """Show a run's progress to its end, then the run."""
    try:
        Follower(command.client, command.screen, run_id).follow_to_end()
    except KeyboardInterrupt:
        command.screen.to_stderr(f"The run goes on without you: baton status {run_id}")
        raise
    return show(command, run_id)


def show(command: Command, run_id: str) -> int:
    """Show a run. The command fails if the run failed or was aborted."""
    run = command.client.runs.get(run_id)
    if command.screen.json:
        command.screen.document(run)
    else:
        show_run(command, run)
    return 1 if has_ended(run) and run["status"] != "completed" else 0


def show_run(command: Command, run: Run) -> None:
    """Show a run's state, deliverables and open approvals, the possible actions, and the summaries at its end."""
    screen, definition = command.screen, run["definition"]
    screen.line(f"{definition['name']} {definition['version']}: {run['status']}", style="bold")
    if run["error"]:
        screen.line(error_text(run["error"]), style="red")
    show_steps(screen, run["steps"], shown=run["error"])
    for deliverable in run["deliverables"]:
        title, format_ = deliverable["title"] or "(a long title)", deliverable["format"] or "(a long format)"
        screen.line(f"Deliverable {deliverable['id']}: {title} ({format_})")
    for approval in run["pendingApprovals"]:
        announce(command.client, screen, approval)
    show_execution(screen, run["execution"])
    show_omitted(screen, run)
    show_next_actions(screen, run)
    if run["status"] == "completed":
        show_summaries(command.client, screen, run)


def show_execution(screen: Screen, execution: Execution) -> None:
    screen.line(f"Execution: {execution['arn']}")
    if execution["consoleUrl"]:
        screen.line(f"Console:   {execution['consoleUrl']}")


def show_next_actions(screen: Screen, run: Run) -> None:
    """Show the commands for a run that did not complete."""
    status = RunStatus(run["status"])
    match status:
        case RunStatus.FAILED if run["parentRunId"]:
            screen.line(f"It is a child run: retry its root run. baton retry {run['rootRunId']}")
        case RunStatus.FAILED:
            if (run["error"] or {}).get("retryable") is False:
                screen.line("Fix the cause first: another try alone will not help.")
            screen.line(f"Try again: baton retry {run['id']} [--set NAME=VALUE]")
            screen.line(f"Or go on without the step: baton skip {run['id']} [--output NAME=VALUE]")
        case RunStatus.ABORTED:
            screen.line(f"Start a new run at one of its steps: baton fork {run['id']} --from STEP")
        case RunStatus.PENDING | RunStatus.RUNNING | RunStatus.CHECKPOINT | RunStatus.COMPLETED:
            pass
        case _:
            assert_never(status)


def declared_parameters(command: Command, run_id: str, version: str | None = None) -> list[dict[str, Any]]:
    """The parameters of the definition that a run follows, or of another version of it."""
    run = command.client.runs.get(run_id)
    name, own_version = run["definition"]["name"], run["definition"]["version"]
    definitions = command.client.library.definitions
    definition = definitions.get(name, organization=run["organization"], version=version or own_version)
    return definition["parameters"] or []


def show_steps(screen: Screen, steps: Sequence[Mapping[str, Any]], shown: Mapping[str, Any] | None = None) -> None:
    """A line for each step. ``shown`` is the error above the table; a step with the same error shows only its type."""
    rows = [
        (step["id"], step["status"], step.get("attemptNumber", 1), step["agent"], _brief(step.get("error"), shown))
        for step in steps
    ]
    screen.table(("STEP", "STATUS", "ATTEMPT", "AGENT", "ERROR"), rows, numbers=("ATTEMPT",))


def _brief(error: Mapping[str, Any] | None, shown: Mapping[str, Any] | None) -> str:
    if error and shown and error.get("message") == shown.get("message"):
        return str(error.get("type") or "")
    return error_text(error)


def _row(run: RunLine) -> tuple[Any, ...]:
    definition, error = run["definition"], run["error"]
    return (run["id"], run["status"], definition["name"], definition["version"], run["createdAt"],
            (error["message"] or "") if error else "")  # fmt: skip
