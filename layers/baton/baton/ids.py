"""Ids of the record's rows."""

from __future__ import annotations

import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562): milliseconds, then random bits. New ids come last in the record's indexes, so a
    run writes to the last pages of an index instead of pages all over it."""
    milliseconds = time.time_ns() // 1_000_000
    bits = secrets.randbits(74)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1)
