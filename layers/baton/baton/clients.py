"""Clients of AWS. Threads may share a client, but not the boto3 session that creates it. So a thread must hold a lock
while it creates a client. The time-outs of a client (arguments of botocore's ``Config``) are shorter than its
function's:

    with CREATION_LOCK:
        return boto3.client("events", config=Config(**SHORT_CALLS))
"""

from __future__ import annotations

import threading
from typing import Any

CREATION_LOCK = threading.Lock()

CONNECT_TIMEOUT_SECONDS = 3

SHORT_CALLS: dict[str, Any] = {
    "connect_timeout": CONNECT_TIMEOUT_SECONDS,
    "read_timeout": 5,
    "retries": {"mode": "standard", "total_max_attempts": 2},
}


def one_call(read_timeout: int) -> dict[str, Any]:
    """The configuration for a call that waits for an agent's work. The SDK must not retry it, because a retry would
    start the work again. ``read_timeout`` is in seconds."""
    return {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "read_timeout": read_timeout,
        "retries": {"total_max_attempts": 1},
    }
