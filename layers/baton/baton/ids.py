"""Ids of the record's rows."""

from __future__ import annotations

import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562): milliseconds, then chance. Ids that follow one another in time do so in the
    record's indexes, too, so that a run touches their ends instead of pages all over them."""
    milliseconds = time.time_ns() // 1_000_000
    chance = secrets.randbits(74)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (1 << 62) - 1)
