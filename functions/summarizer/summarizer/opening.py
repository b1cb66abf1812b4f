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
    """The subject of the figures; without figures the first heading of the texts, else the keys of the context."""
    if figures:
        main = main_figures(figures)
        about = main.summary.page.title if main else _about_several(figures)
        return about if len(figures[0].path) == 1 else f"Brief: {about}"
    heading = next(filter(None, (first_heading(text.markdown) for text in texts)), "")
    if heading and len(heading) <= MAX_TITLE_LENGTH and not _are_items(texts):
        return f"Brief: {heading}"
    return f"Brief: {shortened(_keys(material, texts) or ['results'], MAX_NAMES)}"


def _about_several(figures: Sequence[Figures]) -> str:
    """The subject of the first set with figures, the scope if all sets share it, and the number of other sets.

    If no set has figures, the subject is ``No figures``, with the dates if all sets share them.
    """
    filled = [one for one in figures if one.summary.page.table]
    scopes = {one.request.scope for one in figures}
    scope = figures[0].request.scope.short if len(scopes) == 1 else ""
    others = f"and {_counted(len(filled) - 1, 'more set')} of figures" if filled[1:] else ""
    if filled:
        subject = filled[0].summary.page.subject
    else:
        subjects = {one.summary.page.subject for one in figures}
        subject = subjects.pop() if len(subjects) == 1 else "No figures"
    return ", ".join(filter(None, [subject, scope, others]))


def _are_items(texts: Sequence[Text]) -> bool:
    """Whether several texts are from one key, so the heading of one text is not about all."""
    return len({text.path[0] for text in texts}) < len(texts)


def _keys(material: Material, texts: Sequence[Text]) -> list[str]:
    groups: tuple[Sequence[Any], ...] = (texts, material.tables, material.facts, material.troubles)
    keys = dict.fromkeys(one.path[0] for group in groups for one in group)
    return [label(key).replace("\\", "") for key in keys]


def headline(material: Material, figures: Sequence[Figures], texts: Sequence[Text]) -> str:
    """The troubles and the headline of the figures; without figures, a sentence about the content of the context."""
    sentences = list(_troubles(material))
    if figures:
        sentences += _figures(figures)
    elif not sentences or texts or material.tables:
        sentences.append(_contents(material, texts))
    return " ".join(sentences)


def _troubles(material: Material) -> Iterator[str]:
    for trouble in material.troubles[:MAX_TROUBLES]:
        yield sentence(f"{headed(trail(trouble.path))}{trouble.link}{whole_words(trouble.text, MAX_TROUBLE_LENGTH)}")
    if (left := len(material.troubles) - MAX_TROUBLES) > 0:
        yield f"{left:,} more {'part' if left == 1 else 'parts'} did not go well."


def main_figures(figures: Sequence[Figures]) -> Figures | None:
    """The figures that the brief is about: the only set, or the one at the top of the context. None if several sets are
    deeper.
    """
    return figures[0] if figures and (len(figures) == 1 or len(figures[0].path) == 1) else None


def _figures(figures: Sequence[Figures]) -> Iterator[str]:
    """The headline of the main figures. Without main figures, the headline of each set, with its scope or place."""
    if main := main_figures(figures):
        yield main.summary.page.headline
        return
    for one in figures[:MAX_SETS]:
        whose = "" if one.request.scope else f"{headed(trail(owner(one.path)))}: "
        yield whose + one.summary.page.headline
    if (left := len(figures) - MAX_SETS) > 0:
        yield f"{_counted(left, 'more set')} of figures {'follows' if left == 1 else 'follow'}."


def _contents(material: Material, texts: Sequence[Text]) -> str:
    parts = [_counted(len(texts), "text"), _counted(len(material.facts), "fact")]
    parts.append(_counted(len(material.tables), "table"))
    held = [part for part in parts if part]
    return f"The context holds {listed(held)}." if held else "The context holds nothing that people read."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""
