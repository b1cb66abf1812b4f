"""Matching of names: case, spaces, underscores and hyphens do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

_IGNORED = re.compile(r"[\s_-]+")


def key(name: str) -> str:
    """What two spellings of one name have in common: ``Profit-Margin`` and ``profit_margin`` are ``profitmargin``."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", name).casefold())


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Up to ``limit`` known names that look most like ``name``, the nearest first."""
    by_key = {key(candidate): candidate for candidate in known}
    return [by_key[match] for match in get_close_matches(key(name), by_key, limit, cutoff=0.5)]
