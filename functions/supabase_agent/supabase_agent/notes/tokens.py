"""Cuts a note into words, signs and known names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from supabase_agent.names import key
from supabase_agent.notes.vocabulary import Meaning, Vocabulary

LEXEME = re.compile(
    r"\d{4}-\d{2}-\d{2}"  # a day
    r"|\b[Ww]/[Oo](?:ut)?\b"  # "w/o", short for without
    r"|\w+(?:['’]\w+)*"  # a word, with its apostrophes
    r"|[^\w\s][\u200d\ufe0f\U0001F3FB-\U0001F3FF]*"  # a sign, with the modifiers of an emoji
    r"|\n"
)


@dataclass(frozen=True)
class Token:
    """``word`` is the text in one case. ``meanings`` are empty if the text is no name of the catalogue."""

    word: str
    text: str
    start: int
    end: int
    meanings: tuple[Meaning, ...] = ()

    @property
    def is_name(self) -> bool:
        """Whether it is a known name and no short lower-case word: "IT", but not "it", which may be the pronoun."""
        return bool(self.meanings) and not (self.text.islower() and len(self.text) < 5)

    @property
    def is_word(self) -> bool:
        return self.word[:1].isalnum()


def tokens(note: str, vocabulary: Vocabulary) -> list[Token]:
    """The tokens in order. A known name is one token, also if it has several words. The longest name wins."""
    return list(_tokens(note, vocabulary))


def _tokens(note: str, vocabulary: Vocabulary) -> Iterator[Token]:
    lexemes = [match.span() for match in LEXEME.finditer(note)]
    at = 0
    while at < len(lexemes):
        start, end = lexemes[at]
        known = _known_name(note, lexemes, at, vocabulary)
        at += 1
        if known:
            at, end = known, lexemes[known - 1][1]
        text = note[start:end]
        yield Token(_folded(text), text, start, end, vocabulary.meanings(text) if known else ())


def _known_name(note: str, lexemes: list[tuple[int, int]], at: int, vocabulary: Vocabulary) -> int:
    """The index after the longest known name that starts at ``at``; 0 if no name starts there.

    A hyphen inside a name does not count. A hyphen before or after a name ("revenue -") is a separator.
    """
    end, start = 0, lexemes[at][0]
    if not key(note[slice(*lexemes[at])]):
        return 0
    for after in range(at + 1, len(lexemes) + 1):
        first, last = lexemes[after - 1]
        if not key(note[first:last]):
            continue
        text = note[start:last]
        if "\n" in text or len(key(text)) > vocabulary.longest:
            break
        if vocabulary.meanings(text):
            end = after
    return end


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
