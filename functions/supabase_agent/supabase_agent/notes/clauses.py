"""Reads the instructions of one sentence. It understands a whole sentence, or nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from supabase_agent.notes import lexicon
from supabase_agent.notes.cursor import Cursor
from supabase_agent.notes.grammar import begins_instruction, read_instruction
from supabase_agent.notes.instructions import Dates, Instruction, Negated, Only, Without
from supabase_agent.notes.sentences import Sentence
from supabase_agent.notes.tokens import Token


@dataclass(frozen=True)
class Clause:
    """``instruction`` is None for a request of another kind (an aside). No comma or "and" divides clauses of one
    ``unit``.
    """

    tokens: tuple[Token, ...]
    instruction: Instruction | None
    unit: int


class NotUnderstood(Exception):
    """``tokens`` are the end of the sentence, from the first word that the grammar cannot read."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__()
        self.tokens = tokens


def clauses(sentence: Sentence) -> list[Clause]:
    """All clauses of the sentence. Together they have all its tokens except the connectives between clauses.

    Raises ``NotUnderstood``, for example for "only arr if it rose": "only arr" alone has another meaning.
    """
    if sentence.is_statement:
        raise NotUnderstood(sentence.tokens)
    cursor = Cursor(sentence.tokens)
    complete: list[Clause] = []
    while True:
        start = cursor.at
        _skip_joint(cursor, is_first=not complete)
        if cursor.ended:
            return _with_end(complete, sentence.tokens[start:])
        between = sentence.tokens[start : cursor.at]
        rest = sentence.tokens[cursor.at :]
        instruction = read_instruction(cursor)
        if instruction is None:
            if complete and _is_aside(between, rest):
                return [*complete, Clause(_trimmed((*between, *rest)), None, len(complete))]
            raise NotUnderstood(rest)
        is_attached = bool(complete) and _attaches(between)
        if is_attached and _is_unclear(complete[-1].instruction, instruction):
            raise NotUnderstood(rest)
        text = _trimmed((*between, *sentence.tokens[len(sentence.tokens) - len(rest) : cursor.at]))
        complete.append(Clause(text, instruction, complete[-1].unit if is_attached else len(complete)))


def _skip_joint(cursor: Cursor, is_first: bool) -> None:
    """Move past words without effect, and past the "but" of "only arr, but weekly".

    Some uses of "but" make an exception and are not skipped: "but" before a place ("by week, but for EMEA by month"),
    and "but" at the start of a sentence ("but churn"), except before an instruction such as "weekly".
    """
    cursor.skip(lexicon.LEADS)
    if cursor.peek() != "but":
        return
    ahead = Cursor(cursor.tokens, cursor.at + 1)
    ahead.skip(lexicon.LEADS)
    if ahead.peek() not in lexicon.PLACES and (not is_first or begins_instruction(ahead)):
        cursor.at = ahead.at


def _attaches(between: Sequence[Token]) -> bool:
    words = {token.word for token in between}
    return not words & lexicon.SEPARATORS or "but" in words


def _with_end(complete: list[Clause], end: Sequence[Token]) -> list[Clause]:
    """The clauses. The last one includes the words, such as "please", that end the sentence."""
    if not complete or any(token.word not in lexicon.ENDINGS for token in end):
        raise NotUnderstood(end)
    return [*complete[:-1], replace(complete[-1], tokens=_trimmed((*complete[-1].tokens, *end)))]


def _is_unclear(before: Instruction | None, after: Instruction) -> bool:
    """ "Without churn in August" can exclude churn, or only the churn of August."""
    return isinstance(before, Without | Negated) and isinstance(after, Only | Dates)


def _is_aside(between: Sequence[Token], rest: Sequence[Token]) -> bool:
    """Whether the rest is a request of another kind, so that the clauses before it keep their meaning without it."""
    aside = Sentence(tuple(rest), "")
    if aside.has_condition:
        return False
    if rest[0].word in lexicon.ASIDES:
        return not _attaches(between) or rest[0].word == "because"
    words = {token.word for token in between}
    is_apart = bool(words & (lexicon.SEPARATORS - lexicon.COORDINATING)) and not aside.refers_back
    starts = words & lexicon.THANKS or (words & lexicon.COORDINATING and rest[0].word not in lexicon.PLACES)
    return is_apart and bool(starts) and not any(map(_means_something, rest))


def _means_something(token: Token) -> bool:
    """Whether the word may belong to another request of the sentence: "by week, and churn's by month"."""
    is_idle = token.word in lexicon.LEADS or token.word in lexicon.PLACES
    is_plain = token.word.isalpha() and token.word not in lexicon.RESERVED
    return bool(token.meanings) or not (is_idle or is_plain)


def _trimmed(part: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens without connectives (commas, dashes, "and") at both ends."""
    kept = [at for at, token in enumerate(part) if token.word not in lexicon.CONNECTIVES]
    return tuple(part[kept[0] : kept[-1] + 1]) if kept else tuple(part)
