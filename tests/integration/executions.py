"""The executions of a run in Step Functions."""

from __future__ import annotations

import boto3

from tests.integration.stack_client import StackClient


def execution_of(client: StackClient, run_id: str, generation: int | None = None) -> str:
    """The ARN of the run's execution of that generation, or of its last one."""
    [(machine, last)] = client.rows("select machine, generation from orchestration_runs where id = %s", run_id)
    return f"arn:aws:states:us-east-1:123456789012:execution:baton-{machine}:{run_id}-{generation or last}"


def execution_status(client: StackClient, run_id: str) -> str:
    """The status of the run's last execution."""
    described = boto3.client("stepfunctions").describe_execution(executionArn=execution_of(client, run_id))
    return str(described["status"])
