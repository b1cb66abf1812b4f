"""The execution of a run, and its page in the console."""

from __future__ import annotations

import pytest

from baton.api.views.executions import execution
from tests.unit.api.client import Client
from tests.unit.api.rows import EXECUTION, RUN_ID

NAME = "execution:baton-x-kpi-1-0-0-3f0c:5d1e0000-0000-4000-8000-000000000001-2"
PATH = "/states/home?region={region}#/v2/executions/details/{arn}"


@pytest.mark.parametrize(
    ("partition", "region", "console"),
    [
        ("aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "https://console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "https://console.amazonaws-us-gov.com"),
    ],
)
def test_the_link_leads_to_the_console_of_the_executions_partition_and_region(
    partition: str, region: str, console: str
) -> None:
    arn = f"arn:{partition}:states:{region}:210987654321:{NAME}"
    assert execution(arn) == {"arn": arn, "consoleUrl": console + PATH.format(region=region, arn=arn)}


@pytest.mark.parametrize(("partition", "account"), [("aws-iso", "210987654321"), ("aws", "123456789012")])
def test_an_execution_without_a_known_console_has_no_link(partition: str, account: str) -> None:
    """A partition whose console has no known address; the local stack."""
    assert execution(f"arn:{partition}:states:us-iso-east-1:{account}:{NAME}")["consoleUrl"] is None


@pytest.mark.parametrize("path", [f"/orchestrations/runs/{RUN_ID}", f"/orchestrations/runs/{RUN_ID}/status"])
def test_a_run_shows_its_execution(client: Client, path: str) -> None:
    assert client.get(path).body["execution"] == execution(EXECUTION)


def test_a_launch_shows_the_execution_of_its_run(client: Client) -> None:
    body = {"organization": "demo", "orchestration": {"name": "kpi-tracking"}, "parameters": {"kpi_names": ["a"]}}
    assert client.post("/orchestrations/runs", body).body["execution"] == execution(EXECUTION)
