"""The sentences of a note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supabase_agent.notes import lexicon
from supabase_agent.notes.spans import MONTHS
from supabase_agent.notes.tokens import Token


@dataclass(frozen=True)
class Sentence:
    """``end`` is the sign that ends it; empty at the end of the note."""

    tokens: tuple[Token, ...]
    end: str

    @property
    def is_question(self) -> bool:
        """True for "only arr?", and not for "could you show only arr?", which is a request."""
        words = [token.word for token in self.tokens]
        is_polite = "please" in words or any(word in lexicon.MODALS for word in words[:3])
        return self.end == "?" and not is_polite

    @property
    def is_statement(self) -> bool:
        """True for "I see only arr", and not for "I need to see only arr"."""
        words = [token.word for token in self.tokens]
        return any(_states(words, at) for at, word in enumerate(words) if word in lexicon.SUBJECTS)

    @property
    def is_pleasantry(self) -> bool:
        return all(token.word in lexicon.PLEASANTRIES | lexicon.SILENT for token in self.tokens)

    @property
    def has_names(self) -> bool:
        return any(token.meanings and (token.is_name or token.word not in lexicon.LEADS) for token in self.tokens)

    @property
    def is_aside(self) -> bool:
        """It asks for something of its own: "Also compare with last year"."""
        words = [token.word for token in self.tokens if token.word not in lexicon.LEADS]
        return bool(words) and words[0] in lexicon.ASIDES

    @property
    def has_condition(self) -> bool:
        return any(
            token.word in lexicon.CONDITIONS or token.word.endswith("n't") or _is_odd_sign(token)
            for token in self.tokens
        )

    @property
    def refers_back(self) -> bool:
        return any(token.word in lexicon.BACK_REFERENCES for token in self.tokens)


def sentences(tokens: Sequence[Token]) -> Iterator[Sentence]:
    """The sentences that have words or signs. A list's bullets and the points of short months are left out."""
    current: list[Token] = []
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if _ends(token, current, following):
            if current:
                yield Sentence(tuple(current), token.word)
            current = []
        elif not (_is_bullet(token, current) or _is_point_of_month(token, current)):
            current.append(token)
    if current:
        yield Sentence(tuple(current), "")


def _ends(token: Token, before: list[Token], after: Token | None) -> bool:
    if token.meanings or token.word not in ("\n", ".", "!", "?", ";", "…"):
        return False
    if token.word != "." or not before:
        return True
    is_glued = after is not None and after.start == token.end and after.word not in ".!?\n"
    is_letter = len(before[-1].word) == 1 and before[-1].word.isalpha()
    return not (is_glued or is_letter or _is_point_of_month(token, before))


def _states(words: list[str], at: int) -> bool:
    """Whether the subject at ``at`` does something, rather than is asked to."""
    following = next((word for word in words[at + 1 :] if word not in lexicon.ADVERBS), "")
    return following in lexicon.STATEMENTS and not (at and words[at - 1] in lexicon.MODALS)


def _is_bullet(token: Token, before: list[Token]) -> bool:
    return not before and token.word in ("-", "*", "•")


def _is_point_of_month(token: Token, before: list[Token]) -> bool:
    return token.word == "." and bool(before) and before[-1].word in MONTHS and len(before[-1].word) <= 4


def _is_odd_sign(token: Token) -> bool:
    """A sign such as 🚫 may mean anything."""
    return not token.is_word and not token.word.isascii() and token.word not in lexicon.SILENT | set("–—•…")
