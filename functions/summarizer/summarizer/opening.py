"""The opening of a brief: its title, and its headline of one or a few sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from summarizer.labels import headed, label, owner, trail
from summarizer.markdown import first_heading
from summarizer.markup import whole_words
from summarizer.material import Figures, Material, Text
from summarizer.prose import listed, sentence, shortened

MAX_TITLE_LENGTH = 160
MAX_TROUBLES = 3
MAX_TROUBLE_LENGTH = 300
MAX_NAMES = 3
MAX_SETS = 3


def title(material: Material, figures: Sequence[Figures], texts: Sequence[Text]) -> str:
    """What the figures are about; without figures the first heading of the texts, or else the keys of the context."""
    if figures:
        main = main_figures(figures)
        about = main.summary.page.title if main else _about_several(figures)
        return about if len(figures[0].path) == 1 else f"Brief: {about}"
    heading = next(filter(None, (first_heading(text.markdown) for text in texts)), "")
    if heading and len(heading) <= MAX_TITLE_LENGTH and not _are_items(texts):
        return f"Brief: {heading}"
    return f"Brief: {shortened(_keys(material, texts) or ['results'], MAX_NAMES)}"


def _about_several(figures: Sequence[Figures]) -> str:
    """What the first set that has figures is about, and how many more have some. The scope is told where all have it.
    Sets without any figures are about nothing else: ``No figures``, with the dates where all have the same."""
    filled = [found for found in figures if found.summary.page.table]
    scopes = {found.request.scope for found in figures}
    scope = figures[0].request.scope.short if len(scopes) == 1 else ""
    others = f"and {_counted(len(filled) - 1, 'more set')} of figures" if filled[1:] else ""
    if filled:
        subject = filled[0].summary.page.subject
    else:
        subjects = {found.summary.page.subject for found in figures}
        subject = subjects.pop() if len(subjects) == 1 else "No figures"
    return ", ".join(filter(None, [subject, scope, others]))


def _are_items(texts: Sequence[Text]) -> bool:
    """Whether several texts come from one key: then no heading of one of them is about all."""
    return len({text.path[0] for text in texts}) < len(texts)


def _keys(material: Material, texts: Sequence[Text]) -> list[str]:
    groups: tuple[Sequence[Any], ...] = (texts, material.tables, material.facts, material.troubles)
    keys = dict.fromkeys(one.path[0] for group in groups for one in group)
    return [label(key).replace("\\", "") for key in keys]


def headline(material: Material, figures: Sequence[Figures], texts: Sequence[Text]) -> str:
    """What went wrong, and what the figures say; without figures what the context holds."""
    said = list(_troubles(material))
    if figures:
        said += _figures(figures)
    elif not said or texts or material.tables:
        said.append(_contents(material, texts))
    return " ".join(said)


def _troubles(material: Material) -> Iterator[str]:
    for trouble in material.troubles[:MAX_TROUBLES]:
        yield sentence(f"{headed(trail(trouble.path))}{trouble.link}{whole_words(trouble.text, MAX_TROUBLE_LENGTH)}")
    if (left := len(material.troubles) - MAX_TROUBLES) > 0:
        yield f"{left:,} more {'part' if left == 1 else 'parts'} did not go well."


def main_figures(figures: Sequence[Figures]) -> Figures | None:
    """The figures that the brief is about: the only ones, or those at the top of the context. If several lie deeper and
    none there, no set is the main one."""
    return figures[0] if figures and (len(figures) == 1 or len(figures[0].path) == 1) else None


def _figures(figures: Sequence[Figures]) -> Iterator[str]:
    """The headline of the main figures. If there are none, that of each, with its scope or where it comes from."""
    if main := main_figures(figures):
        yield main.summary.page.headline
        return
    for found in figures[:MAX_SETS]:
        whose = "" if found.request.scope else f"{headed(trail(owner(found.path)))}: "
        yield whose + found.summary.page.headline
    if (left := len(figures) - MAX_SETS) > 0:
        yield f"{_counted(left, 'more set')} of figures {'follows' if left == 1 else 'follow'}."


def _contents(material: Material, texts: Sequence[Text]) -> str:
    parts = [_counted(len(texts), "text"), _counted(len(material.facts), "fact")]
    parts.append(_counted(len(material.tables), "table"))
    held = [part for part in parts if part]
    return f"The context holds {listed(held)}." if held else "The context holds nothing that people read."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""
