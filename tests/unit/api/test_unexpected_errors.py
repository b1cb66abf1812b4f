"""An unexpected error is in the log, and not in the answer. The test uses a process of its own, because pytest changes
logging."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from cli.checkout import ROOT

PROGRAM = """
import logging, sys
logging.getLogger().addHandler(logging.StreamHandler(sys.stderr))  # as Lambda does before a function's code runs
from aws_lambda_powertools import Logger
Logger()  # as bootstrap makes one
from tests.unit.api.client import Client
from tests.unit.api.fakes import FakeFunction
function = FakeFunction()
function.launch.fails_with = RuntimeError("the moon is full")
launch = {"organization": "demo", "orchestration": {"name": "kpi-tracking"}}
answer = Client(function).post("/orchestrations/runs", launch)
assert answer.status == 500 and "moon" not in str(answer.body), answer
"""


def test_an_unexpected_error_of_the_api_is_in_the_log_of_its_function() -> None:
    paths = [str(ROOT), str(ROOT / "layers" / "baton")]
    environment = {**os.environ, "POWERTOOLS_SERVICE_NAME": "api", "PYTHONPATH": os.pathsep.join(paths)}
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )

    [record] = [json.loads(line) for line in process.stdout.splitlines()]
    assert (record["level"], record["service"], record["message"]) == ("ERROR", "api", "a request failed")
    assert (record["method"], record["path"], record["request"]) == ("POST", "/orchestrations/runs", "r1")
    assert "RuntimeError: the moon is full" in record["exception"]
