"""The instructions of one sentence. A sentence is understood as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from supabase_agent.notes import lexicon
from supabase_agent.notes.cursor import Cursor
from supabase_agent.notes.grammar import read_instruction
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
        cursor.skip(lexicon.LEADS)
        if cursor.ended:
            return _with_end(found, sentence.tokens[start:])
        between = sentence.tokens[start : cursor.at]
        rest = sentence.tokens[cursor.at :]
        is_attached = not any(token.word in lexicon.SEPARATORS for token in between)
        instruction = read_instruction(cursor)
        if found and instruction and is_attached and _is_unclear(found[-1].instruction, instruction):
            raise NotUnderstood(rest)
        unit = len(found) if not (found and is_attached) else found[-1].unit
        if instruction is None:
            if found and _is_aside(rest, is_attached):
                return [*found, Clause((*_without_connectives(between), *rest), None, len(found))]
            raise NotUnderstood(rest)
        text = (*_without_connectives(between), *sentence.tokens[len(sentence.tokens) - len(rest) : cursor.at])
        found.append(Clause(text, instruction, unit))


def _with_end(found: list[Clause], end: Sequence[Token]) -> list[Clause]:
    """The clauses, the last with the words such as "please" that end the sentence."""
    if not found or any(token.word not in lexicon.ENDINGS for token in end):
        raise NotUnderstood(end)
    return [*found[:-1], replace(found[-1], tokens=(*found[-1].tokens, *end))]


def _is_unclear(before: Instruction | None, after: Instruction) -> bool:
    """ "Without churn in August" can leave out churn, or August's churn."""
    return isinstance(before, Without | Negated) and isinstance(after, Only | Dates)


def _is_aside(rest: Sequence[Token], is_attached: bool) -> bool:
    aside = Sentence(tuple(rest), "")
    is_apart = not is_attached or rest[0].word == "because"
    return is_apart and rest[0].word in lexicon.ASIDES and not aside.has_condition


def _without_connectives(between: Sequence[Token]) -> tuple[Token, ...]:
    first = next((at for at, token in enumerate(between) if token.word not in lexicon.CONNECTIVES), len(between))
    return tuple(between[first:])
