"""Named SQL statements: each is in a ``.sql`` file, below a line ``-- name: its_name``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name: ([a-z0-9_]+)$", re.MULTILINE)


@cache
def load(file: str) -> Mapping[str, str]:
    """The statements of ``store/<file>.sql`` by name, with their comments, which the server's log shows.

    Raises:
        ValueError: two statements of the file have the same name.
    """
    text = (Path(__file__).parent / f"{file}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{file}.sql names a statement twice")
    return MappingProxyType(
        {name: f"-- {name}\n{body.strip().removesuffix(';')}" for name, body in zip(names, bodies, strict=True)}
    )
