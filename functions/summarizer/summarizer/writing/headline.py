"""The headline: one short sentence, made of the facts that the page goes on to tell.

It may say the same at several lengths. The longest form counts that has at most 20 words and 120 characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from summarizer.facts import Sheet
from summarizer.markup import one_line, plain
from summarizer.prose import sentence
from summarizer.scope import Scope
from summarizer.writing.counted import counted_forms
from summarizer.writing.named import named_forms
from summarizer.writing.statements import Statement

MAX_NAMED = 3  # KPIs
MAX_WORDS, MAX_CHARACTERS = 20, 120
MAX_NAME = 30  # characters of a KPI's name, in the forms that follow the full ones
MAX_SCOPE = 40  # characters


def headline(sheet: Sheet) -> Statement:
    """Up to three KPIs each by its change, and by its goal or plan if that weighs more; of more KPIs, or if that is too
    long, their numbers and the first fact. If no form is short enough, the shortest.
    """
    forms = list(_forms(sheet))
    return next((one for one in forms if _is_short(one)), min(forms, key=lambda one: len(one.text)))


def _is_short(form: Statement) -> bool:
    return form.words <= MAX_WORDS and len(form.text) <= MAX_CHARACTERS


def _forms(sheet: Sheet) -> Iterator[Statement]:
    prefixes = [f"{plain(one, longest=None)}: " if one else "" for one in _scopes(sheet.scope)]
    for own in (sheet, _with_short_names(sheet)):
        forms = [*(named_forms(own) if len(sheet.judged) <= MAX_NAMED else ()), *counted_forms(own)]
        for one, prefix in product(forms, prefixes):
            yield Statement(sentence(prefix + one.text), one.facts)


def _scopes(scope: Scope) -> list[str]:
    """The scope, and if its names are long also in numbers."""
    return [scope.short] if len(scope.short) <= MAX_SCOPE else [scope.short, scope.counted]


def _with_short_names(sheet: Sheet) -> Sheet:
    kpis = {name: replace(kpi, spoken=_cut(one_line(kpi.spoken))) for name, kpi in sheet.kpis.items()}
    return replace(sheet, kpis=kpis)


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1].rstrip()}…"
