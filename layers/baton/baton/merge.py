"""Merging a person's changes into JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def deep_merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes`` over it. Objects merge at every depth; all other values replace."""
    merged = dict(base)
    for key, change in changes.items():
        present = merged.get(key)
        if isinstance(present, Mapping) and isinstance(change, Mapping):
            merged[key] = deep_merge(present, change)
        else:
            merged[key] = change
    return merged
