"""``baton doctor`` shows the executions and effects of a stack that need a person. It changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from baton.model import LAUNCH_MACHINE
from baton.outbox import STUCK_FAILURES
from baton_client import Unreachable
from cli.command import Command, Subparsers, add_parser
from cli.db import OWNER_URL_HELP, owner_url
from cli.errors import CommandFailed

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    Client = SFNClient
else:
    Client = object

LOCAL_STACK = "baton"
LATE_CHECKS = 3  # an end is overdue after so many checks of the sweep, about six minutes
MAX_EXECUTIONS = 10_000  # of one state machine
HELP = f"""\
With --stack, OWNER_URL (in the environment) is {OWNER_URL_HELP}, and the AWS credentials in the environment may list
state machines and their executions. Without it, the stack is the local one.
"""

_UNKNOWN = "select baton.unknown_executions(%s) as unknown"
_LATE = """
select e.arn as execution, e.run_id::text as run, e.status, e.checks
from baton.executions e
where e.check_at is not null and e.checks >= %(late)s and position(%(stack)s in e.arn) > 0
order by e.ordered_at"""
_STUCK = """
select o.id::text, o.run_id::text as run, o.kind, o.failures, o.last_error as error
from baton.outbox o where o.failures >= %(stuck)s order by o.position"""


def add_parsers(subparsers: Subparsers) -> None:
    doctor = add_parser(subparsers, "doctor", examine, "show executions and effects that need a person")
    doctor.epilog = HELP
    doctor.add_argument("--stack", metavar="STACK", help="a stack in AWS (default: the local stack)")


def examine(command: Command) -> int:
    """Show these executions and effects. The command fails if there are any."""
    stack = command.arguments.stack or LOCAL_STACK
    url = owner_url(command) if command.arguments.stack else command.database_url
    running = _running(_step_functions(command), stack)
    try:
        with psycopg.connect(url, prepare_threshold=None, row_factory=dict_row) as record:
            findings = _findings(record, stack, running)
    except psycopg.OperationalError as error:
        raise Unreachable(f"The database does not answer: {str(error).strip()}") from error
    except psycopg.Error as error:
        raise CommandFailed(f"The database refused: {str(error).strip()}") from error
    _show(command, findings)
    return 1 if any(findings.values()) else 0


def _findings(record: psycopg.Connection[Any], stack: str, running: Sequence[str]) -> dict[str, list[Any]]:
    (unknown,) = record.execute(_UNKNOWN, (list(running),)).fetchall()
    late = record.execute(_LATE, {"late": LATE_CHECKS, "stack": f":execution:{stack}-"}).fetchall()
    stuck = record.execute(_STUCK, {"stuck": STUCK_FAILURES}).fetchall()
    return {"unknownExecutions": unknown["unknown"], "lateEnds": late, "stuckEffects": stuck}


def _show(command: Command, findings: dict[str, list[Any]]) -> None:
    screen = command.screen
    if screen.json:
        screen.document(findings)
    for execution in findings["unknownExecutions"]:
        screen.line(f"Not in the record, and running: {execution}")
    if findings["unknownExecutions"]:
        screen.line(
            "Nothing stops them: they may be another stack's, or newer than a database that was restored. Stop in the "
            "console of Step Functions those that belong to none."
        )
    for end in findings["lateEnds"]:
        screen.line(f"Should be over, and is {end['status']} after {end['checks']} checks: {end['execution']}")
    for effect in findings["stuckEffects"]:
        screen.line(
            f"Stuck after {effect['failures']} tries: {effect['kind']} of run {effect['run']}: {effect['error']}"
        )
    if findings["stuckEffects"]:
        screen.line("Remove the cause, then: baton outbox redrive --all")
    if not any(findings.values()):
        screen.line("All executions are in the record, no end is overdue, and no effect is stuck.")


def _running(client: Client, stack: str) -> list[str]:
    """The ARNs of the running executions of a stack's state machines."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        machines = [
            machine["stateMachineArn"]
            for page in client.get_paginator("list_state_machines").paginate()
            for machine in page["stateMachines"]
            if machine["name"].startswith(f"{stack}-") and machine["name"] != f"{stack}-{LAUNCH_MACHINE}"
        ]
        if not machines:
            raise CommandFailed(f"There is no state machine of {stack}: is it deployed in this account and region?")
        limits: Any = {"MaxItems": MAX_EXECUTIONS, "PageSize": 1000}
        listing = client.get_paginator("list_executions")
        return [
            execution["executionArn"]
            for machine in machines
            for page in listing.paginate(stateMachineArn=machine, statusFilter="RUNNING", PaginationConfig=limits)
            for execution in page["executions"]
        ]
    except (ClientError, BotoCoreError) as error:
        raise CommandFailed(f"AWS does not list the executions of {stack}: {str(error).strip()}") from error


def _step_functions(command: Command) -> Client:
    """The client of AWS or, without ``--stack``, of the local stack, whose address ``.baton/env`` has."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ModuleNotFoundError:
        raise CommandFailed("boto3 is not installed: install `baton[aws]`.") from None
    local = {} if command.arguments.stack else command.settings
    try:
        session = boto3.Session(
            aws_access_key_id=local.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=local.get("AWS_SECRET_ACCESS_KEY"),
            region_name=local.get("AWS_REGION"),
        )
        return session.client("stepfunctions", endpoint_url=local.get("AWS_ENDPOINT_URL"))
    except BotoCoreError as error:
        raise CommandFailed(f"AWS cannot be called: {str(error).strip()}") from error
