"""``baton retry``, ``skip``, ``abort`` and ``fork``: the actions on a run that failed or must end."""

from __future__ import annotations

import argparse
from typing import Any

from baton_client.recovery import RecoveryResult
from cli import parameters, runs
from cli.command import Command, Subparsers, add_parser


def add_parsers(subparsers: Subparsers) -> None:
    again = _add(subparsers, "retry", retry, "try the failed steps of a run again; completed steps keep their results")
    again.add_argument("--step", metavar="ID", help="the failed step that --set is for (default: the one that failed)")
    _add_changes(again)

    without = _add(subparsers, "skip", skip, "go on without a failed step, if its definition allows that")
    without.add_argument("--step", metavar="ID", help="the failed step (default: the step that failed the run)")
    without.add_argument(
        "--output",
        metavar="NAME=VALUE",
        type=parameters.pair,
        action="append",
        default=[],
        dest="outputs",
        help="an output of the step for those that depend on it (default: null); JSON is read as JSON",
    )

    _add(subparsers, "abort", abort, "end a run and its child runs", can_follow=False)

    fork_run = _add(subparsers, "fork", fork, "start a new run at a step of an earlier run, with the results before it")
    fork_run.add_argument("--from", metavar="STEP", required=True, dest="step", help="the first step to do again")
    fork_run.add_argument("--version", metavar="VERSION", help="another version of the definition (default: the run's)")
    _add_changes(fork_run)


def retry(command: Command) -> int:
    arguments = command.arguments
    result = command.client.recovery.retry(
        arguments.id, step_id=arguments.step or None, modifications=_modifications(command), note=arguments.note or None
    )
    return _show(command, result, "is tried again")


def skip(command: Command) -> int:
    arguments = command.arguments
    outputs = {name: parameters.untyped_value(text) for name, text in arguments.outputs}
    result = command.client.recovery.skip(
        arguments.id, step_id=arguments.step or None, replacement_output=outputs or None, note=arguments.note or None
    )
    return _show(command, result, "is skipped")


def abort(command: Command) -> int:
    result = command.client.recovery.abort(command.arguments.id, note=command.arguments.note or None)
    if command.screen.json:
        command.screen.document(result)
    else:
        command.screen.line(f"Run {result['runId']} is {result['status']}.")
    return 0


def fork(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    run = command.client.recovery.fork(
        arguments.id,
        arguments.step,
        version=arguments.version or None,
        modifications=_modifications(command, arguments.version),
        note=arguments.note or None,
    )
    definition = run["definition"]
    screen.line(f"Run {run['id']} of {definition['name']} {definition['version']}, from {arguments.step}")
    if arguments.follow:
        return runs.follow(command, run["id"])
    if screen.json:
        screen.document(run)
    else:
        runs.show_steps(screen, run["steps"])
        screen.line(f"Follow it with: baton status {run['id']} --follow")
    return 0


def _show(command: Command, result: RecoveryResult, action: str) -> int:
    run_id = result["runId"]
    command.screen.line(f"{result.get('stepId', 'The rest')} {action}. Run {run_id} is {result['status']}.")
    if command.arguments.follow:
        return runs.follow(command, run_id)
    if command.screen.json:
        command.screen.document(result)
    else:
        command.screen.line(f"Follow it with: baton status {run_id} --follow")
    return 0


def _add(
    subparsers: Subparsers, name: str, run: Any, summary: str, *, can_follow: bool = True
) -> argparse.ArgumentParser:
    parser = add_parser(subparsers, name, run, summary)
    parser.add_argument("id", metavar="RUN", help="the run's id")
    parser.add_argument("--note", metavar="TEXT", help="why, for the record")
    if can_follow:
        parser.add_argument("--follow", action="store_true", help="then show progress until the run has ended")
    return parser


def _add_changes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=parameters.pair,
        action="append",
        default=[],
        dest="changes",
        help=parameters.SET_HELP,
    )


def _modifications(command: Command, version: str | None = None) -> dict[str, Any] | None:
    """The changes of ``--set``. The definition of the next attempt gives the type of each parameter."""
    if not command.arguments.changes:
        return None
    declared = runs.declared_parameters(command, command.arguments.id, version)
    return parameters.modifications(declared, command.arguments.changes)
