"""Replaces methods of moto's classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_originals: dict[tuple[type, str], Callable[..., Any]] = {}


def current_method(owner: type, name: str) -> Callable[..., Any]:
    """The method as it is now. An AttributeError means that moto has changed."""
    method: Callable[..., Any] = getattr(owner, name)
    return method


def original_method(owner: type, name: str) -> Callable[..., Any]:
    """moto's own method, also after several replacements."""
    return _originals.setdefault((owner, name), current_method(owner, name))


def replace_method(owner: type, name: str, function: Callable[..., Any]) -> None:
    setattr(owner, name, function)
