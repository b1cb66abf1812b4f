"""Compares names without regard to case, spaces, underscores and hyphens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

_IGNORED = re.compile(r"[\s_-]+")


def key(name: str) -> str:
    """The form that all spellings of a name share: ``profitmargin`` for ``Profit-Margin`` and ``profit_margin``."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", name).casefold())


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names that are most similar to ``name``, the nearest first, at most ``limit``."""
    by_key = {key(candidate): candidate for candidate in known}
    return [by_key[match] for match in get_close_matches(key(name), by_key, limit, cutoff=0.5)]
