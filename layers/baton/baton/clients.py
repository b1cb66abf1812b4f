"""Clients of AWS. Threads may share a client, but not the session of boto3 that makes it: so clients are made one at a
time:

    with MAKING:
        return boto3.client("events")
"""

from __future__ import annotations

import threading

MAKING = threading.Lock()
