"""Labels: the keys of a context as words on a page.

``childStatus`` is child status, and ``fetch-kpi-data`` is fetch KPI data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from summarizer import names
from summarizer.markup import INVISIBLE, plain

STRUCTURE = frozenset({"results", "steps"})  # keys between a child run and its steps, without meaning for a reader
WRITTEN_IN_CAPITALS = frozenset({"sql", "url", "id", "csv", "json"})
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]*")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
SEPARATOR = " › "
MAX_PARTS = 12
ITEM = re.compile(r"item (\d+)")

Path = tuple[str, ...]


def same(key: str) -> str:
    """The form that keys of one meaning share: ``query_results``, ``queryResults`` and ``query-results``."""
    return re.sub(r"[\s_\-]", "", key[:100]).casefold()


def item(number: int) -> str:
    """The part of a path that stands for an item of a list, counted from 1."""
    return f"item {number}"


def is_item(part: str) -> bool:
    return ITEM.fullmatch(part) is not None


def named(path: Path) -> str:
    """The key that names a value: its own key, or the key of its list."""
    return next((part for part in reversed(path) if not is_item(part)), path[-1])


def owner(path: Path) -> Path:
    """The path of the value to which a set of rows belongs: without the key of the rows and the ``STRUCTURE`` above it.

    If a key has several sets, the path of a set keeps its number.
    """
    if is_item(path[-1]):
        return path
    above = path[:-1]
    while len(above) > 1 and same(above[-1]) in STRUCTURE:
        above = above[:-1]
    return above or path


def dotted(path: Path) -> str:
    """A path as programs write it: ``rows[0].value``."""
    parts = (f"[{int(match[1]) - 1}]" if (match := ITEM.fullmatch(part)) else f".{part[:200]}" for part in path)
    return "".join(parts).removeprefix(".")


def words(key: str) -> list[str]:
    """The words of an identifier; any other key is one word."""
    if not IDENTIFIER.fullmatch(key[:200]):
        return [key]
    return [word for part in re.split(r"[_.\-]+", key[:200]) for word in HUMP.split(part) if word]


def label(key: str) -> str:
    """One key as Markdown, for the inside of a sentence."""
    parts = words(key)
    if parts != [key]:
        key = " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in parts)
    spoken = " ".join(w.upper() if w.casefold() in WRITTEN_IN_CAPITALS else w for w in names.spoken(key[:200]).split())
    return plain(spoken) or INVISIBLE


def trail(path: Sequence[str]) -> str:
    """The place of a value as Markdown, for the inside of a sentence: ``raw results › fetch KPI data``."""
    parts = [label(key) for key in (*[part for part in path[:-1] if same(part) not in STRUCTURE], *path[-1:])]
    if len(parts) > MAX_PARTS:
        parts = [*parts[: MAX_PARTS // 2], "…", *parts[-MAX_PARTS // 2 :]]
    return SEPARATOR.join(parts)


def headed(text: str) -> str:
    """``text`` with a capital first letter, unless its first word has a capital already (iOS)."""
    first = re.split(r"\W", text, maxsplit=1)[0]
    return text if any(c.isupper() for c in first) else text[:1].upper() + text[1:]
