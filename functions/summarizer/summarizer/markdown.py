"""Makes foreign Markdown a part of a page.

The text keeps its paragraphs, lists, tables and code. It loses raw HTML, images, and all links except those to the web
and to mail addresses. Its headings move below the headings of the page, and no block continues after its end.

Entities replace the characters that must not be markup. A backslash would not do: another one before it cancels it.
"""

from __future__ import annotations

import re

from summarizer.markup import cut, one_line

MAX_LENGTH = 40_000
MAX_HEADING_LEVEL = 6

CONTAINER = r"(?:[\s>]|[-+*](?=\s)|\d{1,9}[.)](?=\s))*"  # quotes and list items around a line
HEADING = re.compile(rf"^({CONTAINER})(#{{1,6}})(?=\s|$)")
UNDERLINE = re.compile(rf"^({CONTAINER})(=+|-+)\s*$")
FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$")
RUN_OF_FENCE = re.compile(r"`{3,}|~{3,}")
HTML = re.compile(r"(?<!\\)((?:\\\\)*)<(?=[A-Za-z/!?])")
ENTITY = {"=": "&#61;", "-": "&#45;", "`": "&#96;", "~": "&#126;"}
MARKED = re.compile(r"\s*(#{1,6}\s|[-*+>]\s|\d{1,9}[.)]\s|\||`{3}|~{3})|.*(\*\*\S|\]\(\S)")
LINK = re.compile(r"\]\((?!https?://|mailto:)", re.IGNORECASE)


def embedded(text: str, level: int, longest: int = MAX_LENGTH) -> str:
    """``text`` with its highest heading at ``level`` (1 to 6). A last line says how much is left out."""
    kept, left = cut(_clean(text), longest)
    lines = _restructured(kept.split("\n"), level)
    if left:
        what = f"{left:,} more characters" if kept else f"a text of {left:,} characters without a space"
        lines += ["", f"*({what} left out)*"]
    return "\n".join(lines).strip("\n")


def first_heading(text: str) -> str:
    """The words of the heading at the start of ``text``, as Markdown; empty if there is none."""
    match = re.match(r"\s*#{1,6}[ \t]+([^\n]+)", text[:2000])
    return one_line(match.group(1)).rstrip("# ") if match else ""


def is_marked(text: str) -> bool:
    """Whether the text begins like a block of Markdown, or has bold words or a link."""
    return MARKED.match(text) is not None


def _clean(text: str) -> str:
    unified = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in unified)


def _restructured(lines: list[str], level: int) -> list[str]:
    """The lines with shifted headings. Each code block is closed, by a fence that no line inside it can close."""
    shift = level - _highest(lines)
    done: list[str] = []
    code: list[str] | None = None
    fence = ""
    for line in lines:
        if code is not None:
            if _closes(line, fence):
                done += _code(code)
                code = None
            else:
                code.append(line)
        elif match := FENCE.match(line):
            fence, code = match.group(1), []
        else:
            _append_prose(done, line, level, shift)
    return done if code is None else done + _code(code)


def _highest(lines: list[str]) -> int:
    levels = [len(match.group(2)) for line in lines if (match := HEADING.match(line))]
    levels += [1 for line in lines if (match := UNDERLINE.match(line)) and match.group(2)[0] == "="]
    return min(levels, default=1)


def _closes(line: str, fence: str) -> bool:
    mark = line.strip(" \t")
    return len(mark) >= len(fence) and not mark.strip(fence[0]) and not line.startswith(("    ", "\t"))


def _code(code: list[str]) -> list[str]:
    longest = max((len(run) for line in code for run in RUN_OF_FENCE.findall(line)), default=2)
    fence = "`" * (longest + 1)
    return [fence, *code, fence]


def _append_prose(done: list[str], line: str, level: int, shift: int) -> None:
    if match := UNDERLINE.match(line):
        container, mark = match.group(1), match.group(2)
        if not container.strip() and _is_paragraph(done):
            depth = level if mark[0] == "=" else _depth(2, level, shift)
            done[-1] = f"{'#' * depth} {done[-1].strip()}"
            return
        if mark[0] == "=" or container.strip():
            line = container + ENTITY[mark[0]] + mark[1:]
    elif match := HEADING.match(line):
        line = match.group(1) + "#" * _depth(len(match.group(2)), level, shift) + line[match.end() :]
    done.append(_inert(line))


def _depth(own: int, level: int, shift: int) -> int:
    return max(level, min(MAX_HEADING_LEVEL, own + shift))


def _is_paragraph(done: list[str]) -> bool:
    """Whether an underline would make the last line a heading."""
    if not done or not done[-1].strip() or HEADING.match(done[-1]) or done[-1].startswith(("`", "|")):
        return False
    container = re.match(CONTAINER, done[-1])
    return not (container and container.group().strip())


def _inert(line: str) -> str:
    line = RUN_OF_FENCE.sub(lambda run: ENTITY[run.group()[0]] * len(run.group()), line)
    line = HTML.sub(r"\1&lt;", line).replace("![", "&#33;[").replace("]:", "]&#58;")
    return LINK.sub("]&#40;", line)
