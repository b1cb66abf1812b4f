"""Text from data inside Markdown: it must read as it is and never become markup."""

from __future__ import annotations

import re

MARKUP = re.compile(r"([\\`*\[\]<>#|~!&$])|(?<![^\W_])(_)|(_)(?![^\W_])")  # an underscore inside a word is none
MAX_NAME_LENGTH = 80
INVISIBLE = "(no visible characters)"


def plain(text: str, longest: int | None = MAX_NAME_LENGTH) -> str:
    """``text`` on one line, cut at ``longest``, with every character escaped that could be markup, also in a table."""
    line = one_line(text)
    if longest and len(line) > longest:
        line = line[: longest - 1] + "…"
    return MARKUP.sub(lambda found: "\\" + found.group(0), line)


def one_line(text: str) -> str:
    """``text`` with every run of spaces, line breaks and unprintable characters as one space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def whole_words(text: str, longest: int) -> str:
    """``text`` as ``plain`` writes it, but cut between words, with a word on how much is left out."""
    line = one_line(text)
    if not line:
        return INVISIBLE
    kept, left = cut(line, longest)
    if not left:
        return plain(line, longest=None)
    if not kept:
        return f"(one word of {left:,} characters, left out)"
    return f"{plain(kept, longest=None)} … ({left:,} more characters)"


def cut(text: str, longest: int) -> tuple[str, int]:
    """The start of ``text``, cut at the last line or word that ends within ``longest``, and how many characters are
    left out. The start is empty where the first word alone is longer."""
    if len(text) <= longest:
        return text, 0
    window = text[: longest + 1]
    end = max(window.rfind("\n", longest // 2), -1)
    if end < 0:
        end = max(window.rfind(" "), window.rfind("\n"), 0)
    kept = text[:end].rstrip()
    return kept, len(text) - len(kept)
