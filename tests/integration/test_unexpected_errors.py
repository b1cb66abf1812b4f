"""What nobody foresaw is told to whoever runs Baton, and to nobody else."""

from __future__ import annotations

import json
import uuid

import psycopg
import pytest

from cli.deployment import Deployment, Refused
from local.stack import Stack


def test_an_unexpected_error_of_the_api_is_in_the_log_of_its_function(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"/deliverables/{uuid.uuid4()}"
    with psycopg.connect(stack.database_url, autocommit=True) as owner:
        owner.execute("alter table public.deliverables rename to mislaid")
        try:
            with pytest.raises(Refused, match="Something went wrong here"):
                Deployment(stack.url, stack.token("viewer")).get(path)
        finally:
            owner.execute("alter table public.mislaid rename to deliverables")

    # pytest puts its own stdout back after the stack has begun, so an environment that starts later may write there.
    written = stack.log_file.read_text() + capsys.readouterr().out
    [told] = [json.loads(line) for line in written.splitlines() if path in line]
    assert (told["level"], told["service"], told["message"]) == ("ERROR", "api", "a request failed")
    assert told["request"]
    assert "deliverables" in told["exception"]
