"""``baton retry``, ``skip``, ``abort`` and ``fork``: what can be done about a run that went wrong."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Mapping
from typing import Any

from cli import runs, typed
from cli.command import Command, Subparsers, add_parser
from cli.deployment import segment


def add_parsers(subparsers: Subparsers) -> None:
    again = _add(subparsers, "retry", retry, "try the failed steps of a run again; what is done is not done again")
    again.add_argument("--step", metavar="ID", help="the failed step that --set is for (default: the one that failed)")
    _add_changes(again)

    without = _add(subparsers, "skip", skip, "go on without a failed step, where its definition allows that")
    without.add_argument("--step", metavar="ID", help="the failed step (default: the one that the run failed with)")
    without.add_argument(
        "--output",
        metavar="NAME=VALUE",
        type=typed.pair,
        action="append",
        default=[],
        dest="outputs",
        help="an output of the step for those that depend on it (default: null); JSON is read as JSON",
    )

    _add(subparsers, "abort", abort, "end a run, with everything that is open in it and below it", followed=False)

    anew = _add(subparsers, "fork", fork, "start a new run from a step of an earlier one, with what was done before it")
    anew.add_argument("--from", metavar="STEP", required=True, dest="step", help="the first step to be done again")
    anew.add_argument("--version", metavar="VERSION", help="another version of the definition (default: the run's)")
    _add_changes(anew)


def retry(command: Command) -> int:
    body = _given(command, stepId=command.arguments.step, modifications=_modifications(command))
    return _act(command, "retry", body, "is tried again")


def skip(command: Command) -> int:
    outputs = {name: typed.guessed(text) for name, text in command.arguments.outputs}
    return _act(
        command, "skip", _given(command, stepId=command.arguments.step, replacementOutput=outputs), "is skipped"
    )


def abort(command: Command) -> int:
    outcome = command.deployment.post(_path(command, "abort"), _given(command))
    if command.screen.json:
        command.screen.document(outcome)
    else:
        command.screen.line(f"Run {outcome['runId']} is {outcome['status']}.")
    return 0


def fork(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    changes = _modifications(command, arguments.version)
    body = _given(command, stepId=arguments.step, version=arguments.version, modifications=changes)
    run = command.deployment.post(_path(command, "fork"), body, headers={"Idempotency-Key": str(uuid.uuid4())})
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


def _act(command: Command, action: str, body: Mapping[str, Any], done: str) -> int:
    outcome = command.deployment.post(_path(command, action), body)
    run_id = outcome["runId"]
    command.screen.line(f"{outcome.get('stepId', 'What is left')} {done}. Run {run_id} is {outcome['status']}.")
    if command.arguments.follow:
        return runs.follow(command, run_id)
    if command.screen.json:
        command.screen.document(outcome)
    else:
        command.screen.line(f"Follow it with: baton status {run_id} --follow")
    return 0


def _add(
    subparsers: Subparsers, name: str, run: Any, summary: str, *, followed: bool = True
) -> argparse.ArgumentParser:
    parser = add_parser(subparsers, name, run, summary)
    parser.add_argument("id", metavar="RUN", help="the run's id")
    parser.add_argument("--note", metavar="TEXT", help="why, for the record")
    if followed:
        parser.add_argument("--follow", action="store_true", help="then show progress until the run has ended")
    return parser


def _add_changes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=typed.pair,
        action="append",
        default=[],
        dest="changes",
        help=typed.HOW_TO_CHANGE,
    )


def _modifications(command: Command, version: str | None = None) -> dict[str, Any]:
    """What ``--set`` changes, each parameter read by its type in the definition that will be followed."""
    if not command.arguments.changes:
        return {}
    run = command.deployment.get(f"/orchestrations/runs/{segment(command.arguments.id)}")
    return typed.modifications(runs.declared_parameters(command, run, version), command.arguments.changes)


def _given(command: Command, **fields: Any) -> dict[str, Any]:
    """The body of a request: the note and those fields that were typed."""
    return {name: value for name, value in {**fields, "note": command.arguments.note}.items() if value}


def _path(command: Command, action: str) -> str:
    return f"/orchestrations/runs/{segment(command.arguments.id)}/actions/{action}"
