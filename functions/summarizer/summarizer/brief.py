"""The brief: a page about any context, and its content as metadata.

The order is: troubles and headline, missing values, texts, figures, facts, tables, notes. No figures are on it twice:
if a text of the context has the table that the rows give, the brief prints that text and not the rows. A context of
one set of rows and nothing else gets the page about the figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baton.agents.contract import Deliverable
from baton.errors import Malformed
from summarizer.attachments import attachments
from summarizer.context import read_context
from summarizer.labels import dotted, headed, owner, trail
from summarizer.markdown import embedded
from summarizer.markup import one_line, plain, whole_words
from summarizer.material import Figures, Material, Text, is_blank
from summarizer.opening import headline, main_figures, title
from summarizer.prose import bullets, shortened
from summarizer.request import Request
from summarizer.tables import records_table

MAX_BYTES = 180_000  # of a page, without the note on the parts that are left out
MAX_FACTS = 500
MAX_BYTES_OF_FACTS = 60_000
MAX_FACT_LENGTH = 1_000
MAX_MISSING = 25
MAX_NOTES = 25


@dataclass(frozen=True)
class Written:
    """A page, and the deliverables that it links: for each set of figures the facts, then the charts."""

    page: Deliverable
    attachments: tuple[Deliverable, ...] = ()


def write_brief(context: Mapping[str, Any]) -> Written:
    """The page about ``context``. Raises ``Malformed`` if the context is empty or everything in it is."""
    material = read_context(context)
    if is_blank(context) or not material:
        raise Malformed(_refusal(context))
    brief = _Brief(material)
    return Written(brief.figures_alone() or brief.deliverable(), brief.attachments)


def _refusal(context: Mapping[str, Any]) -> str:
    wanted = "a summary, facts, tables, results of steps, or rows of KPI figures in queryResults"
    if not context:
        return f"context must hold something to summarize ({wanted}), but is empty or missing"
    named = shortened([one_line(str(key))[:80] for key in context], 10)
    return f"context must hold something to summarize ({wanted}), but every value in it is null or empty: {named}"


class _Brief:
    """``texts`` are the texts without repetitions, ``printed`` the figures that no text contains."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.notes = list(material.notes)
        self.figures, self.attachments = attachments(self._distinct_figures())
        self.texts = self._distinct_texts()
        self.printed = [one for one in self.figures if not self._is_held(one)]

    def figures_alone(self) -> Deliverable | None:
        """The page about the figures, if the context has one set of rows and nothing else."""
        material = self.material
        others = (self.texts, material.facts, material.tables, material.missing, material.troubles, self.notes)
        if len(self.figures) == 1 and len(self.figures[0].path) == 1 and not any(others):
            return self.figures[0].summary.deliverable
        return None

    def deliverable(self) -> Deliverable:
        heading = title(self.material, self.figures, self.texts)
        summary = headline(self.material, self.figures, self.texts)
        blocks = [f"# {plain(heading, longest=None)}", f"**{summary}**", *self._blocks()]
        return Deliverable("summary", "markdown", heading, _bounded(blocks), self._metadata())

    def _distinct_figures(self) -> list[Figures]:
        """The figures, each once. If only one copy of the rows has a scope, it is the scope of both."""
        seen: list[Figures] = []
        for one in self.material.figures:
            at = next((at for at, other in enumerate(seen) if _are_the_same(one.request, other.request)), None)
            if at is None:
                seen.append(one)
            elif one.request.scope and not seen[at].request.scope:
                seen[at] = seen[at].narrowed(one.request.scope)
        return seen

    def _distinct_texts(self) -> list[Text]:
        """The texts, each once, without a text that is the page about rows at the top of the context."""
        pages = {_folded(str(one.summary.page)) for one in self.figures if len(one.path) == 1}
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

    def _is_held(self, figures: Figures) -> bool:
        holder = next((text for text in self.texts if _holds(text.markdown, figures)), None)
        if holder:
            scope = plain(figures.request.scope.short_in_sentence, longest=None)
            self.notes.append(
                f"The table in {trail(holder.path)} is what the rows in {trail(figures.path)} give: the figures were "
                f"computed again and agree.{f' They are of {scope}.' if scope else ''}"
            )
        return holder is not None

    def _blocks(self) -> Iterator[str]:
        material = self.material
        if material.missing:
            names = [trail(path) for path in material.missing]
            yield f"Missing: {shortened(names, MAX_MISSING)}."
        for text in self.texts:
            markdown = embedded(self._without_opening(text.markdown), 3)
            yield f"## {headed(trail(text.path))}\n\n{self._with_charts(markdown)}"
        for figures in self.printed:
            yield from self._figure_blocks(figures)
        if material.facts:
            yield "## Facts\n\n" + self._facts()
        for table in material.tables:
            yield f"## {headed(trail(table.path))}\n\n{records_table(table.records)}"
        if notes := list(self._about()):
            yield "## About this brief\n\n" + bullets(notes)

    def _without_opening(self, markdown: str) -> str:
        """The text without its title and headline, if they are those of this brief."""
        main = main_figures(self.figures)
        if main and not self.material.troubles:
            opening = main.summary.page.opening
            return markdown.strip().removeprefix(opening).strip() or markdown
        return markdown

    def _with_charts(self, markdown: str) -> str:
        """The text with the charts that its page links, if this brief has the same ones."""
        for figures in self.figures:
            for link in figures.summary.page.charts.splitlines():
                markdown = markdown.replace(embedded(link, 3), link)
        return markdown

    def _figure_blocks(self, figures: Figures) -> Iterator[str]:
        page, is_main = figures.summary.page, figures is main_figures(self.figures)
        if is_main and len(figures.path) == 1:
            yield from page.body(2)
            return
        lead = "" if is_main else f"**{page.headline}**\n\n"
        yield f"## Figures of {trail(owner(figures.path))}\n\n{lead}" + "\n\n".join(page.body(3))

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
        """The metadata of a page about figures; under ``brief`` the other values, by their paths in the context."""
        material = self.material
        figures = [{"path": dotted(one.path), **one.summary.metadata} for one in self.figures]
        brief = {
            "texts": [dotted(text.path) for text in self.texts[:MAX_FACTS]],
            "facts": {dotted(fact.path): one_line(fact.text)[:MAX_FACT_LENGTH] for fact in material.facts[:MAX_FACTS]},
            "tables": {dotted(table.path): len(table.records) for table in material.tables[:MAX_FACTS]},
            "missing": [dotted(path) for path in material.missing[:MAX_FACTS]],
            "troubles": {
                dotted(one.path): one_line(one.text)[:MAX_FACT_LENGTH] for one in material.troubles[:MAX_FACTS]
            },
            "otherFigures": figures[1:],
        }
        return {**(figures[0] if figures else {}), "brief": brief}


def _holds(markdown: str, figures: Figures) -> bool:
    """Whether the text contains all rows of the table of figures; without a table, the headline."""
    page = figures.summary.page
    if not page.table:
        return page.headline in markdown
    rows = {line.strip() for line in page.table.splitlines() if line.startswith("|")}
    return rows <= {line.strip() for line in markdown.splitlines()}


def _are_the_same(one: Request, other: Request) -> bool:
    """Whether both have the same rows, and no two different scopes."""
    alike = bool(one.rows) and one.rows == other.rows
    return alike and (one.scope == other.scope or not one.scope or not other.scope)


def _folded(markdown: str) -> str:
    return " ".join(markdown.split())


def _bounded(blocks: Sequence[str]) -> str:
    """The blocks that fit on the page, in order, and a sentence with the number of the others."""
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
