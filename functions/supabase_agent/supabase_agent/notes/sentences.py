"""The sentences of a note."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from supabase_agent.notes import lexicon
from supabase_agent.notes.spans import MONTHS
from supabase_agent.notes.tokens import Token

LIST_NUMBER = re.compile(r"[0-9]{1,2}")


@dataclass(frozen=True)
class Sentence:
    """``end`` is the sign that ends the sentence; empty at the end of the note."""

    tokens: tuple[Token, ...]
    end: str

    @property
    def is_question(self) -> bool:
        """True for "only arr?". False for "could you show only arr?", which is a request."""
        words = [token.word for token in self.tokens]
        is_polite = "please" in words or any(word in lexicon.MODALS for word in words[:3])
        return self.end == "?" and not is_polite

    @property
    def is_statement(self) -> bool:
        """True for "I see only arr". False for "I need to see only arr"."""
        words = [token.word for token in self.tokens]
        return any(_states(words, at) for at, word in enumerate(words) if word in lexicon.SUBJECTS)

    @property
    def is_pleasantry(self) -> bool:
        return all(token.word in lexicon.PLEASANTRIES | lexicon.SILENT for token in self.tokens)

    @property
    def is_wordless(self) -> bool:
        """True for "?". False for 🚫, which may mean anything."""
        return not any(token.is_word or _is_odd_sign(token) for token in self.tokens)

    @property
    def has_names(self) -> bool:
        return any(token.meanings and (token.is_name or token.word not in lexicon.LEADS) for token in self.tokens)

    @property
    def is_aside(self) -> bool:
        """Whether it is a request of another kind: "Also compare with last year"."""
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
    """The sentences with words or signs, without bullets, list numbers and the points of short months ("Aug.")."""
    current: list[Token] = []
    at, is_list = 0, False
    while at < len(tokens):
        token = tokens[at]
        if _is_list_number(tokens, at, is_list):
            is_list = True
            if current:
                yield Sentence(tuple(current), "")
            current = []
            at += 1
        elif _ends(token, current, _token(tokens, at + 1)):
            signs = _signs(tokens, at)
            if current or "?" in signs:
                yield Sentence(tuple(current) or (token,), "?" if "?" in signs else token.word)
            current = []
            at += len(signs) - 1
        elif not (_is_bullet(token, current) or _is_point_of_month(token, current)):
            current.append(token)
        at += 1
    if current:
        yield Sentence(tuple(current), "")


def _token(tokens: Sequence[Token], at: int) -> Token | None:
    return tokens[at] if 0 <= at < len(tokens) else None


def _signs(tokens: Sequence[Token], at: int) -> list[str]:
    """The sign that ends a sentence, and the signs directly after it ("?!")."""
    signs = [tokens[at].word]
    for before, token in pairwise(tokens[at:]):
        if token.word not in (".", "!", "?", "…") or token.start != before.end:
            break
        signs.append(token.word)
    return signs


def _ends(token: Token, before: list[Token], after: Token | None) -> bool:
    if token.meanings or token.word not in ("\n", ".", "!", "?", ";", "…"):
        return False
    if token.word != "." or not before:
        return True
    is_glued = after is not None and after.start == token.end and after.word not in ".!?\n"
    is_letter = len(before[-1].word) == 1 and before[-1].word.isalpha()
    is_ordinal = before[-1].word.isdecimal() and after is not None and after.word in MONTHS
    return not (is_glued or is_letter or is_ordinal or _is_point_of_month(token, before))


def _is_list_number(tokens: Sequence[Token], at: int, is_list: bool) -> bool:
    """Whether "1)" or "1." starts here: at the start of a line, or anywhere in a list. "1. August" is a day."""
    before, sign, after = (_token(tokens, at + step) for step in (-1, 1, 2))
    if sign is None or after is None or after.word == "\n" or not LIST_NUMBER.fullmatch(tokens[at].text):
        return False
    is_placed = before is None or before.word == "\n" or is_list
    is_point = sign.word == "." and after.start > sign.end and after.word not in MONTHS
    return is_placed and (sign.word == ")" or is_point)


def _states(words: list[str], at: int) -> bool:
    """Whether the sentence says that the subject at ``at`` does something, and does not ask for it."""
    following = next((word for word in words[at + 1 :] if word not in lexicon.ADVERBS), "")
    return following in lexicon.STATEMENTS and not (at and words[at - 1] in lexicon.MODALS)


def _is_bullet(token: Token, before: list[Token]) -> bool:
    return not before and token.word in ("-", "–", "—", "*", "•")


def _is_point_of_month(token: Token, before: list[Token]) -> bool:
    return token.word == "." and bool(before) and before[-1].word in MONTHS and len(before[-1].word) <= 4


def _is_odd_sign(token: Token) -> bool:
    """Whether it is a sign such as 🚫, which may mean anything."""
    return not token.is_word and not token.word.isascii() and token.word not in lexicon.SILENT | set("–—•…")
