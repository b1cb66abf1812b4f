"""The brief: a page about any context, and the same for machines.

Its order is: what went wrong and the headline, what is missing, the given texts, figures, facts, tables, notes. No
figures stand on it twice: where a given text holds the table that the rows give, that text is printed, and the rows are
not. A context that holds rows of figures and nothing else gets the page about the figures itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from baton.agents.contract import Deliverable
from baton.errors import Malformed
from summarizer.context import read_context
from summarizer.labels import Path, headed, trail
from summarizer.markdown import embedded, first_heading
from summarizer.markup import one_line, plain, whole_words
from summarizer.material import Figures, Material, Text, is_blank
from summarizer.page import bullets
from summarizer.prose import listed, sentence, shortened
from summarizer.tables import records_table

MAX_BYTES = 180_000  # of a page; the note on what was left out comes on top
MAX_FACTS = 500
MAX_BYTES_OF_FACTS = 60_000
MAX_FACT_LENGTH = 1_000
MAX_TROUBLE_LENGTH = 300
MAX_TROUBLES = 3
MAX_MISSING = 25
MAX_NAMES = 3
MAX_NOTES = 25
MAX_TITLE_LENGTH = 160


def write_brief(context: Mapping[str, Any]) -> Deliverable:
    """The page about ``context``. Raises ``Malformed`` where it holds nothing to write about."""
    if is_blank(context):
        raise Malformed(_refusal(context))
    brief = _Brief(read_context(context))
    return brief.figures_alone() or brief.deliverable()


def _refusal(context: Mapping[str, Any]) -> str:
    wanted = "a summary, facts, tables, results of steps, or rows of KPI figures in queryResults"
    if not context:
        return f"context must hold something to summarize ({wanted}), but is empty or missing"
    named = shortened([one_line(str(key))[:80] for key in context], 10)
    return f"context must hold something to summarize ({wanted}), but every value in it is null or empty: {named}"


class _Brief:
    """``texts`` are those that do not repeat another, ``printed`` the figures that no text holds already."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.notes = list(material.notes)
        self.figures = self._distinct_figures()
        self.texts = self._distinct_texts()
        self.printed = [found for found in self.figures if not self._is_held(found)]

    def figures_alone(self) -> Deliverable | None:
        """The page about the figures, if the context holds one set of rows and nothing else to tell."""
        material = self.material
        others = (self.texts, material.facts, material.tables, material.missing, material.troubles, self.notes)
        if len(self.figures) == 1 and len(self.figures[0].path) == 1 and not any(others):
            return self.figures[0].summary.deliverable
        return None

    def deliverable(self) -> Deliverable:
        title = self._title()
        blocks = [f"# {plain(title, longest=None)}", f"**{self._headline()}**", *self._blocks()]
        return Deliverable("summary", "markdown", title, _bounded(blocks), self._metadata())

    def _distinct_figures(self) -> list[Figures]:
        seen: list[Figures] = []
        for found in self.material.figures:
            if all(found.request.rows != other.request.rows or not found.request.rows for other in seen):
                seen.append(found)
        return seen

    def _distinct_texts(self) -> list[Text]:
        """The texts, each once; a text that is the page about a set of rows at the top of the context is left to it."""
        pages = {_folded(str(found.summary.page)) for found in self.figures if len(found.path) == 1}
        seen: dict[str, Text] = {}
        for text in self.material.texts:
            folded = _folded(text.markdown)
            if folded in pages:
                continue
            if folded in seen:
                self.notes.append(f"{headed(trail(text.path))} repeats {trail(seen[folded].path)} word for word.")
            else:
                seen[folded] = text
        return list(seen.values())

    def _is_held(self, found: Figures) -> bool:
        holder = next((text for text in self.texts if _holds(text.markdown, found)), None)
        if holder:
            self.notes.append(
                f"The table in {trail(holder.path)} is what the rows in {trail(found.path)} give: the figures were "
                "computed again and agree."
            )
        return holder is not None

    def _title(self) -> str:
        if self.figures:
            title = self.figures[0].summary.page.title
            return title if len(self.figures[0].path) == 1 else f"Brief: {title}"
        heading = next(filter(None, (first_heading(text.markdown) for text in self.texts)), "")
        if heading and len(heading) <= MAX_TITLE_LENGTH:
            return f"Brief: {heading}"
        names = [trail(path).replace("\\", "") for path in self._paths() if len(path) == 1] or ["results"]
        return f"Brief: {shortened(names, MAX_NAMES)}"

    def _paths(self) -> list[Path]:
        material = self.material
        groups: Sequence[Sequence[Any]] = (self.texts, material.tables, material.facts, material.troubles)
        return list(dict.fromkeys(one.path for group in groups for one in group))

    def _headline(self) -> str:
        said = [
            sentence(f"{headed(trail(trouble.path))}{trouble.link}{whole_words(trouble.text, MAX_TROUBLE_LENGTH)}")
            for trouble in self.material.troubles[:MAX_TROUBLES]
        ]
        if (left := len(self.material.troubles) - MAX_TROUBLES) > 0:
            said.append(f"{left:,} more {'part' if left == 1 else 'parts'} did not go well.")
        if self.figures:
            said.append(self.figures[0].summary.page.headline)
        elif not said or self.texts or self.material.tables:
            said.append(self._contents())
        return " ".join(said)

    def _contents(self) -> str:
        material = self.material
        parts = [_counted(len(self.texts), "text"), _counted(len(material.facts), "fact")]
        parts.append(_counted(len(material.tables), "table"))
        held = [part for part in parts if part]
        return f"The context holds {listed(held)}." if held else "The context holds nothing that people read."

    def _blocks(self) -> Iterator[str]:
        material = self.material
        if material.missing:
            names = [trail(path) for path in material.missing]
            yield f"Missing: {shortened(names, MAX_MISSING)}."
        for text in self.texts:
            yield f"## {headed(trail(text.path))}\n\n{embedded(self._without_opening(text.markdown), 3)}"
        for found in self.printed:
            yield from self._figure_blocks(found)
        if material.facts:
            yield "## Facts\n\n" + self._facts()
        for table in material.tables:
            yield f"## {headed(trail(table.path))}\n\n{records_table(table.records)}"
        if notes := list(self._about()):
            yield "## About this brief\n\n" + bullets(notes)

    def _without_opening(self, markdown: str) -> str:
        """A given page that begins with the title and headline of this brief goes on after them."""
        if self.figures and not self.material.troubles:
            opening = self.figures[0].summary.page.opening
            return markdown.strip().removeprefix(opening).strip() or markdown
        return markdown

    def _figure_blocks(self, found: Figures) -> Iterator[str]:
        page, first = found.summary.page, found is self.figures[0]
        if first and len(found.path) == 1:
            yield from page.body(2)
            return
        lead = "" if first else f"**{page.headline}**\n\n"
        yield f"## Figures of {trail(found.path[:-1] or found.path)}\n\n{lead}" + "\n\n".join(page.body(3))

    def _facts(self) -> str:
        lines: list[str] = []
        size = 0
        for fact in self.material.facts[:MAX_FACTS]:
            line = f"- {headed(trail(fact.path))}: {whole_words(fact.text, MAX_FACT_LENGTH)}"
            size += len(line.encode())
            if size > MAX_BYTES_OF_FACTS:
                break
            lines.append(line)
        if left := len(self.material.facts) - len(lines):
            lines.append(f"- {left:,} more facts are left out.")
        return "\n".join(lines)

    def _about(self) -> Iterator[str]:
        yield from self.notes[:MAX_NOTES]
        if (left := len(self.notes) - MAX_NOTES) > 0:
            yield f"{left:,} more notes are left out."
        if self.figures and self.material.troubles:
            yield "The figures come from work that did not go well: they may be partial, and not approved by anybody."
        if self.material.for_machines:
            yield "Ids, SQL, plans and timings in the results are for machines and not printed."

    def _metadata(self) -> dict[str, Any]:
        """The figures as on a page about figures alone, and the rest by the paths of the context."""
        material = self.material
        figures = [{"path": _dotted(found.path), **found.summary.metadata} for found in self.figures]
        brief = {
            "texts": [_dotted(text.path) for text in self.texts[:MAX_FACTS]],
            "facts": {_dotted(fact.path): one_line(fact.text)[:MAX_FACT_LENGTH] for fact in material.facts[:MAX_FACTS]},
            "tables": {_dotted(table.path): len(table.records) for table in material.tables[:MAX_FACTS]},
            "missing": [_dotted(path) for path in material.missing[:MAX_FACTS]],
            "troubles": {
                _dotted(one.path): one_line(one.text)[:MAX_FACT_LENGTH] for one in material.troubles[:MAX_FACTS]
            },
            "otherFigures": figures[1:],
        }
        return {**(figures[0] if figures else {}), "brief": brief}


def _holds(markdown: str, found: Figures) -> bool:
    """Whether a given text holds every row of the table of figures, or the headline where there is no table."""
    page = found.summary.page
    if not page.table:
        return page.headline in markdown
    rows = {line.strip() for line in page.table.splitlines() if line.startswith("|")}
    return rows <= {line.strip() for line in markdown.splitlines()}


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""


def _folded(markdown: str) -> str:
    return " ".join(markdown.split())


def _dotted(path: Path) -> str:
    return ".".join(key[:200] for key in path)


def _bounded(blocks: Sequence[str]) -> str:
    """The blocks that fit on the page, in order, and how many do not."""
    kept: list[str] = []
    size = left = 0
    for block in blocks:
        length = len(block.encode("utf-8", "replace"))
        if size + length > MAX_BYTES:
            left += 1
            continue
        size += length
        kept.append(block)
    if left:
        kept.append(f"{left:,} more {'part' if left == 1 else 'parts'} of this brief are left out: the page is full.")
    return "\n\n".join(kept) + "\n"
