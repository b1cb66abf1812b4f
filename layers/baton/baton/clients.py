"""Clients of AWS. Threads may share a client, but not the session of boto3 that makes it: so clients are made one at a
time. Each has time-outs (arguments of botocore's ``Config``) that end before the function that it is in:

    with MAKING:
        return boto3.client("events", config=Config(**SHORT_CALLS))
"""

from __future__ import annotations

import threading
from typing import Any

MAKING = threading.Lock()

CONNECT_SECONDS = 3

SHORT_CALLS: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "read_timeout": 5,
    "retries": {"mode": "standard", "total_max_attempts": 2},
}


def one_call(read_timeout: int) -> dict[str, Any]:
    """For a call that waits for somebody's work: the SDK's own retries would ask for the same work once more."""
    return {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": read_timeout,
        "retries": {"total_max_attempts": 1},
    }
