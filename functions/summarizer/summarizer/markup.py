"""Text from data inside Markdown: it must read as it is and never become markup."""

from __future__ import annotations

import re

MARKUP = re.compile(r"([\\`*\[\]<>#|~!&$])|(?<![^\W_])(_)|(_)(?![^\W_])")  # an underscore inside a word is none
LONGEST_NAME = 80


def plain(text: str, longest: int | None = LONGEST_NAME) -> str:
    """``text`` on one line, cut at ``longest``, with every character escaped that could be markup, also in a table."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if longest and len(line) > longest:
        line = line[: longest - 1] + "…"
    return MARKUP.sub(lambda found: "\\" + found.group(0), line)
