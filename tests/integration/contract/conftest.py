"""A stack with rows that requests can find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from baton_client import Client
from cli import local_issuer
from local.stack import Stack
from tests.integration.fake_agent import FakeAgent
from tests.integration.stack_client import StackClient, checkpoint, step


@pytest.fixture(scope="package")
def known_values(stack: Stack) -> Iterator[dict[str, str]]:
    """Path parameter → the value of an existing row."""
    with closing(FakeAgent()) as agent:
        client = StackClient(stack, agent.url)
        name = client.publish(step("look", checkpoint_after=checkpoint()), step("tell", "look"))
        run_id = client.launch()
        approval_id = client.wait_for_approvals(run_id, "look")["look"]
        ((deliverable_id,),) = client.rows("select id::text from deliverables where run_id = %s", run_id)
        admin = Client(stack.url, stack.token("admin"), organization="demo")
        expires_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        yield {
            "user_id": local_issuer.ensure_member(stack.database_url, "demo", ["viewer"]),
            "token_id": admin.service_tokens.create("CI", ["viewer"], expires_at)["id"],
            "run_id": run_id,
            "approval_id": approval_id,
            "deliverable_id": deliverable_id,
            "name": name,
            "slug": f"{name}-worker",
            "organization": "demo",
            "agent": f"{name}-desk",
        }
