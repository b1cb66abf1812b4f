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
from summarizer.labels import dotted, headed, owner, trail
from summarizer.markdown import embedded
from summarizer.markup import one_line, plain, whole_words
from summarizer.material import Figures, Material, Text, is_blank
from summarizer.opening import headline, main_figures, title
from summarizer.page import bullets
from summarizer.prose import shortened
from summarizer.request import Request
from summarizer.tables import records_table

MAX_BYTES = 180_000  # of a page; the note on what was left out comes on top
MAX_FACTS = 500
MAX_BYTES_OF_FACTS = 60_000
MAX_FACT_LENGTH = 1_000
MAX_MISSING = 25
MAX_NOTES = 25


def write_brief(context: Mapping[str, Any]) -> Deliverable:
    """The page about ``context``. Raises ``Malformed`` where it holds nothing to write about."""
    material = read_context(context)
    if is_blank(context) or not material:
        raise Malformed(_refusal(context))
    brief = _Brief(material)
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
        heading = title(self.material, self.figures, self.texts)
        said = headline(self.material, self.figures, self.texts)
        blocks = [f"# {plain(heading, longest=None)}", f"**{said}**", *self._blocks()]
        return Deliverable("summary", "markdown", heading, _bounded(blocks), self._metadata())

    def _distinct_figures(self) -> list[Figures]:
        """The figures, each once. Where one copy of the rows tells the scope and the other does not, both have it."""
        seen: list[Figures] = []
        for found in self.material.figures:
            at = next((at for at, other in enumerate(seen) if _are_the_same(found.request, other.request)), None)
            if at is None:
                seen.append(found)
            elif found.request.scope and not seen[at].request.scope:
                seen[at] = seen[at].narrowed(found.request.scope)
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
            scope = plain(found.request.scope.short_in_sentence, longest=None)
            self.notes.append(
                f"The table in {trail(holder.path)} is what the rows in {trail(found.path)} give: the figures were "
                f"computed again and agree.{f' They are of {scope}.' if scope else ''}"
            )
        return holder is not None

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
        main = main_figures(self.figures)
        if main and not self.material.troubles:
            opening = main.summary.page.opening
            return markdown.strip().removeprefix(opening).strip() or markdown
        return markdown

    def _figure_blocks(self, found: Figures) -> Iterator[str]:
        page, is_main = found.summary.page, found is main_figures(self.figures)
        if is_main and len(found.path) == 1:
            yield from page.body(2)
            return
        lead = "" if is_main else f"**{page.headline}**\n\n"
        yield f"## Figures of {trail(owner(found.path))}\n\n{lead}" + "\n\n".join(page.body(3))

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
        figures = [{"path": dotted(found.path), **found.summary.metadata} for found in self.figures]
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


def _holds(markdown: str, found: Figures) -> bool:
    """Whether a given text holds every row of the table of figures, or the headline where there is no table."""
    page = found.summary.page
    if not page.table:
        return page.headline in markdown
    rows = {line.strip() for line in page.table.splitlines() if line.startswith("|")}
    return rows <= {line.strip() for line in markdown.splitlines()}


def _are_the_same(one: Request, other: Request) -> bool:
    """Whether both hold the same rows, and do not tell two scopes for them."""
    alike = bool(one.rows) and one.rows == other.rows
    return alike and (one.scope == other.scope or not one.scope or not other.scope)


def _folded(markdown: str) -> str:
    return " ".join(markdown.split())


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
