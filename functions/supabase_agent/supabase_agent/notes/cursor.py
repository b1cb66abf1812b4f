"""A position in the tokens of a sentence. The rules of the grammar read from it and move it."""

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
        """The word at the cursor; empty at the end of the tokens."""
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
        """Move past the first of these sequences of words (``"leave out"``) that starts here."""
        for option in options:
            wanted = option.split()
            if [token.word for token in self.tokens[self.at : self.at + len(wanted)]] == wanted:
                self.at += len(wanted)
                return True
        return False

    def skip(self, words: Collection[str]) -> None:
        """Move past these words, up to the first other word or known name."""
        while not self.ended and self.peek() in words and not self.tokens[self.at].is_name:
            self.at += 1

    def take(self, values: Mapping[str, T]) -> T | None:
        """Move past the word if it is a key of ``values``, and return its value."""
        if self.peek() not in values:
            return None
        return values[self.advance()]

    def first_of(self, *rules: Callable[[Cursor], T]) -> T | None:
        """The result of the first rule that can read here. If no rule can, the cursor stays where it is."""
        start = self.at
        for rule in rules:
            if (result := rule(self)) is not None:
                return result
            self.at = start
        return None
