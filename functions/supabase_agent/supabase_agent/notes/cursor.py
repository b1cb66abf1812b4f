"""A place in a sentence's tokens, from which rules of the grammar read on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from supabase_agent.notes.tokens import Token

T = TypeVar("T")


class Cursor:
    def __init__(self, tokens: Sequence[Token], at: int = 0) -> None:
        self.tokens = tokens
        self.at = at

    @property
    def ended(self) -> bool:
        return self.at >= len(self.tokens)

    def token(self) -> Token | None:
        return None if self.ended else self.tokens[self.at]

    def token_before(self) -> Token | None:
        return self.tokens[self.at - 1] if self.at > 0 else None

    def peek(self) -> str:
        """The word at the cursor; empty at the end."""
        return "" if self.ended else self.tokens[self.at].word

    def advance(self) -> str:
        word = self.peek()
        self.at += 1
        return word

    def word(self, *options: str) -> bool:
        """Move past the word if it is one of these."""
        if self.peek() not in options or self.ended:
            return False
        self.at += 1
        return True

    def words(self, *options: str) -> bool:
        """Move past the first of these sequences of words (``"leave out"``) that stands here."""
        for option in options:
            wanted = option.split()
            if [token.word for token in self.tokens[self.at : self.at + len(wanted)]] == wanted:
                self.at += len(wanted)
                return True
        return False

    def skip(self, words: Collection[str]) -> None:
        """Move past all of these words that stand here, up to a known name."""
        while not self.ended and self.peek() in words and not self.tokens[self.at].is_name:
            self.at += 1

    def take(self, values: Mapping[str, T]) -> T | None:
        """Move past a word that is a key, and return its value."""
        if self.peek() not in values:
            return None
        return values[self.advance()]

    def first_of(self, *rules: Callable[[Cursor], T]) -> T | None:
        """What the first rule reads that can; the cursor stays where it is if none can."""
        start = self.at
        for rule in rules:
            if (found := rule(self)) is not None:
                return found
            self.at = start
        return None
