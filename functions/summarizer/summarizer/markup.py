"""Writes text from data into Markdown, where it must never become markup."""

from __future__ import annotations

import re

MARKUP = re.compile(r"([\\`*\[\]<>#|~!&$])|(?<![^\W_])(_)|(_)(?![^\W_])")  # an underscore inside a word is no markup
MAX_NAME_LENGTH = 80
INVISIBLE = "(no visible characters)"


def plain(text: str, longest: int | None = MAX_NAME_LENGTH) -> str:
    """``text`` on one line of at most ``longest`` characters. Every character is escaped that could be markup."""
    line = one_line(text)
    if longest and len(line) > longest:
        line = line[: longest - 1] + "…"
    return MARKUP.sub(lambda match: "\\" + match.group(0), line)


def one_line(text: str) -> str:
    """``text`` on one line: one space replaces each run of spaces, line breaks and unprintable characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def whole_words(text: str, longest: int) -> str:
    """``text`` as by ``plain``, but cut between words, and with the number of characters that are left out."""
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
    """The start of ``text``, up to the last line or word that ends within ``longest``, and the number of characters
    after it. The start is empty if the first word is longer.
    """
    if len(text) <= longest:
        return text, 0
    window = text[: longest + 1]
    end = max(window.rfind("\n", longest // 2), -1)
    if end < 0:
        end = max(window.rfind(" "), window.rfind("\n"), 0)
    kept = text[:end].rstrip()
    return kept, len(text) - len(kept)
