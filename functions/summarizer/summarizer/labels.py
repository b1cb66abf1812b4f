"""Labels: how the keys of a context read on a page.

``childStatus`` is child status, and ``fetch-kpi-data`` is fetch KPI data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from summarizer import names
from summarizer.markup import INVISIBLE, plain

STRUCTURE = frozenset({"results", "steps"})  # words between a child and its steps that tell a reader nothing
WRITTEN_IN_CAPITALS = frozenset({"sql", "url", "id", "csv", "json"})
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]*")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
SEPARATOR = " › "
MAX_PARTS = 12

Path = tuple[str, ...]


def same(key: str) -> str:
    """Keys with the same answer mean the same: ``query_results``, ``queryResults`` and ``query-results``."""
    return re.sub(r"[\s_\-]", "", key[:100]).casefold()


def words(key: str) -> list[str]:
    """The words of an identifier; any other key is one word."""
    if not IDENTIFIER.fullmatch(key[:200]):
        return [key]
    return [word for part in re.split(r"[_.\-]+", key[:200]) for word in HUMP.split(part) if word]


def label(key: str) -> str:
    """One key as Markdown, as it reads inside a sentence."""
    found = words(key)
    if found != [key]:
        key = " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in found)
    spoken = " ".join(w.upper() if w.casefold() in WRITTEN_IN_CAPITALS else w for w in names.spoken(key[:200]).split())
    return plain(spoken) or INVISIBLE


def trail(path: Sequence[str]) -> str:
    """Where a value stands, as Markdown, as it reads inside a sentence: ``raw results › fetch KPI data``."""
    parts = [label(key) for key in path if same(key) not in STRUCTURE] or [label(key) for key in path[-1:]]
    if len(parts) > MAX_PARTS:
        parts = [*parts[: MAX_PARTS // 2], "…", *parts[-MAX_PARTS // 2 :]]
    return SEPARATOR.join(parts)


def headed(text: str) -> str:
    """``text`` with a capital first letter; a name that has capitals of its own (iOS) is left alone."""
    first = re.split(r"\W", text, maxsplit=1)[0]
    return text if any(c.isupper() for c in first) else text[:1].upper() + text[1:]
