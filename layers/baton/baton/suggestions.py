"""The nearest known word to one that is not known: "did you mean `depends_on`?"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

MAX_WORD = 200  # characters; a longer one is no misspelt name
MAX_KNOWN = 500  # words that are compared with it


def nearest(word: str, known: Iterable[str], least: float = 0.6) -> str | None:
    """The known word that ``word`` most likely stands for, or None if none is close. ``least`` is how alike, of 1."""
    by_form: dict[str, list[str]] = {}
    if len(word) > MAX_WORD:
        return None
    for candidate in islice(known, MAX_KNOWN):
        by_form.setdefault(_bare(candidate), []).append(candidate)
    bare = _bare(word)
    close = [bare] if bare in by_form else difflib.get_close_matches(bare, by_form, n=1, cutoff=least)
    # Of several spellings of one word (`string`, `string[]`), the one that is nearest as it stands.
    return max(by_form[close[0]], key=lambda one: difflib.SequenceMatcher(None, word, one).ratio()) if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` (did you mean `x`?)`` to append to a sentence, or an empty string."""
    suggestion = nearest(word, known)
    return f" (did you mean `{suggestion}`?)" if suggestion else ""


def _bare(word: str) -> str:
    """``dependsOn``, ``depends-on`` and ``Depends On`` are one word in three spellings."""
    return "".join(character for character in word.lower() if character.isalnum())
