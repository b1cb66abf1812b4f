"""The content of one value of the record, to be read in parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ContentSource:
    """``size`` is in bytes, ``sha256`` is the hex digest of all. ``read(start, length)`` answers the bytes of one
    part, and raises Conflict if the content has changed since. ``format`` is the word of a deliverable's agent; None:
    the content is JSON."""

    size: int
    sha256: str
    read: Callable[[int, int], bytes]
    format: str | None = None
