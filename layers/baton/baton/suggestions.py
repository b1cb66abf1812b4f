"""The known word that is nearest to an unknown one: "did you mean `depends_on`?"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], least: float = 0.6) -> str | None:
    """The known word that is most like ``word``; None if no likeness is at least ``least`` (from 0 to 1)."""
    by_form: dict[str, list[str]] = {}
    for candidate in known:
        by_form.setdefault(_bare(candidate), []).append(candidate)
    bare = _bare(word)
    close = [bare] if bare in by_form else difflib.get_close_matches(bare, by_form, n=1, cutoff=least)
    # Several spellings (`string`, `string[]`) can have one bare form: the nearest in full spelling wins.
    return max(by_form[close[0]], key=lambda one: difflib.SequenceMatcher(None, word, one).ratio()) if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` (did you mean `x`?)`` for the end of a sentence, or an empty string."""
    suggestion = nearest(word, known)
    return f" (did you mean `{suggestion}`?)" if suggestion else ""


def _bare(word: str) -> str:
    """``dependsOn``, ``depends-on`` and ``Depends On`` are one word in three spellings."""
    return "".join(character for character in word.lower() if character.isalnum())
