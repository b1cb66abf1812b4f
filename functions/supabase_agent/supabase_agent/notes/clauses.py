"""The instructions of one sentence. A sentence is understood as a whole, or not at all."""

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
    """``instruction`` is None for an aside. Clauses of one ``unit`` have no comma or "and" between them."""

    tokens: tuple[Token, ...]
    instruction: Instruction | None
    unit: int


class NotUnderstood(Exception):
    """``tokens`` are those from which on the sentence makes no sense."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__()
        self.tokens = tokens


def clauses(sentence: Sentence) -> list[Clause]:
    """All clauses; together they have all tokens but the connectives between them. Raises ``NotUnderstood``.

    "Only arr if it rose" has no clause: without its end it would say something else.
    """
    if sentence.is_statement:
        raise NotUnderstood(sentence.tokens)
    cursor = Cursor(sentence.tokens)
    found: list[Clause] = []
    while True:
        start = cursor.at
        _skip_joint(cursor, is_first=not found)
        if cursor.ended:
            return _with_end(found, sentence.tokens[start:])
        between = sentence.tokens[start : cursor.at]
        rest = sentence.tokens[cursor.at :]
        instruction = read_instruction(cursor)
        if instruction is None:
            if found and _is_aside(between, rest):
                return [*found, Clause(_trimmed((*between, *rest)), None, len(found))]
            raise NotUnderstood(rest)
        is_attached = bool(found) and _attaches(between)
        if is_attached and _is_unclear(found[-1].instruction, instruction):
            raise NotUnderstood(rest)
        text = _trimmed((*between, *sentence.tokens[len(sentence.tokens) - len(rest) : cursor.at]))
        found.append(Clause(text, instruction, found[-1].unit if is_attached else len(found)))


def _skip_joint(cursor: Cursor, is_first: bool) -> None:
    """Move past words that change nothing, and past the "but" of "only arr, but weekly".

    "By week, but for EMEA by month" is an exception, so that "but" before a place is none of these. At the
    start of a sentence it is skipped only before an instruction such as "weekly": "but churn" may be an exception too.
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


def _with_end(found: list[Clause], end: Sequence[Token]) -> list[Clause]:
    """The clauses, the last with the words such as "please" that end the sentence."""
    if not found or any(token.word not in lexicon.ENDINGS for token in end):
        raise NotUnderstood(end)
    return [*found[:-1], replace(found[-1], tokens=_trimmed((*found[-1].tokens, *end)))]


def _is_unclear(before: Instruction | None, after: Instruction) -> bool:
    """ "Without churn in August" can leave out churn, or August's churn."""
    return isinstance(before, Without | Negated) and isinstance(after, Only | Dates)


def _is_aside(between: Sequence[Token], rest: Sequence[Token]) -> bool:
    """Whether the rest asks for something of its own, so that what stands before it means the same without it."""
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
    """Whether the word may be about what else is asked: "by week, and churn's by month"."""
    is_idle = token.word in lexicon.LEADS or token.word in lexicon.PLACES
    is_plain = token.word.isalpha() and token.word not in lexicon.RESERVED
    return bool(token.meanings) or not (is_idle or is_plain)


def _trimmed(part: Sequence[Token]) -> tuple[Token, ...]:
    """Without the commas and the like, and "and", at both ends."""
    kept = [at for at, token in enumerate(part) if token.word not in lexicon.CONNECTIVES]
    return tuple(part[kept[0] : kept[-1] + 1]) if kept else tuple(part)
