"""Pieces of sentences: lists, and the form of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def shortened(items: Sequence[str], most: int, noun: str = "others") -> str:
    """Like ``listed``. Of more than ``most`` + 1 items it has the first ``most`` and the number of the others."""
    if len(items) <= most + 1:  # the name of one more item is as short as "and 1 others"
        return listed(items)
    return listed([*items[:most], f"{len(items) - most:,} {noun}"])


def sentence(text: str) -> str:
    """``text`` with a capital first letter and a full stop. A first word with a capital of its own (iOS) stays."""
    first = re.split(r"\W", text, maxsplit=1)[0]
    capital = text if any(c.isupper() for c in first) else text[:1].upper() + text[1:]
    return capital if capital.endswith((".", "?", ":")) else capital + "."


def bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in sentences)
