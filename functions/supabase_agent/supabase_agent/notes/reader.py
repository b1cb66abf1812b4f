"""Reads a note as phrases. A doubtful part gets no instruction: its phrase has the text and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from supabase_agent.notes.clauses import Clause, NotUnderstood, clauses
from supabase_agent.notes.instructions import Only, Phrase, Without
from supabase_agent.notes.sentences import Sentence, sentences
from supabase_agent.notes.tokens import Token, tokens
from supabase_agent.notes.vocabulary import Vocabulary

MAX_PHRASES = 40
MAX_QUOTE_CHARACTERS = 60
SEPARATORS = frozenset(", : - – —".split())
HINT = (
    'a note can say "only …" or "without …" with names of KPIs, departments or companies, "by day", "by week", '
    '"by month", "by quarter", "by year", "in total" and "from … to …"; anything else needs a modification'
)


def read(note: str, vocabulary: Vocabulary) -> list[Phrase]:
    """The phrases in order. Together they have every word of the note, except pleasantries such as "thanks".

    A note of only pleasantries or signs is one phrase.
    """
    relevant = [one for one in sentences(tokens(note, vocabulary)) if not one.is_pleasantry]
    if all(one.is_wordless for one in relevant):
        reason = f"It asks for nothing that the agent can do; {HINT}."
        return [Phrase(note.strip(), None, reason)] if note.strip() else []
    phrases: list[Phrase] = []
    doubtful: list[int] = []
    for number, sentence in enumerate(relevant):
        new = _phrases(sentence, number, note)
        phrases.extend(new)
        if not any(one.instruction for one in new):
            doubtful.append(number)
    phrases = _joined(phrases, relevant, note)
    if len(phrases) > MAX_PHRASES:
        reason = f"It has more than {MAX_PHRASES} parts, too many to be sure of their meaning; {HINT}."
        return [Phrase(_text((*relevant[0].tokens, *relevant[-1].tokens), note), None, reason)]
    for number in doubtful:
        phrases = [_in_doubt(one, number, relevant[number], note) for one in phrases]
    return phrases


def _phrases(sentence: Sentence, number: int, note: str) -> list[Phrase]:
    if sentence.is_question:
        reason = f"It is a question, which the agent does not answer; {HINT}."
        return [Phrase(_text(sentence.tokens, note), None, reason, (number, 0))]
    try:
        complete = clauses(sentence)
    except NotUnderstood as error:
        reason = f"“{_quoted(error.tokens, note)}” was not understood, so nothing was changed for it; {HINT}."
        return [Phrase(_text(sentence.tokens, note), None, reason, (number, 0))]
    return [_phrase(clause, number, note) for clause in complete]


def _phrase(clause: Clause, number: int, note: str) -> Phrase:
    text = _text(clause.tokens, note)
    reason = "" if clause.instruction else f"The agent cannot do this; {HINT}."
    return Phrase(text, clause.instruction, reason, (number, clause.unit))


def _in_doubt(phrase: Phrase, number: int, sentence: Sentence, note: str) -> Phrase:
    """The phrase. It loses its instruction if the sentence, which was not understood, may change its meaning."""
    if phrase.instruction is None or phrase.unit[0] == number:
        return phrase
    is_of_names = isinstance(phrase.instruction, Only | Without)
    adds_names = sentence.has_names and is_of_names and not sentence.is_aside
    follows = phrase.unit[0] < number and not sentence.is_aside
    if not (sentence.has_condition or adds_names or (follows and sentence.refers_back)):
        return phrase
    quoted = _quoted(sentence.tokens, note)
    reason = f"The note also says “{quoted}”, which was not understood and may change what this means; {HINT}."
    return replace(phrase, instruction=None, reason=reason)


def _joined(phrases: list[Phrase], relevant: Sequence[Sentence], note: str) -> list[Phrase]:
    """The phrases, with neighbouring sentences that were not understood as one phrase."""
    joined: list[Phrase] = []
    for phrase in phrases:
        before = joined[-1] if joined else None
        if before is None or before.instruction or phrase.instruction or phrase.unit[1] or before.unit[1]:
            joined.append(phrase)
            continue
        text = _text((*relevant[before.unit[0]].tokens, *relevant[phrase.unit[0]].tokens), note)
        joined[-1] = replace(before, text=text, reason=f"This was not understood; {HINT}.")
    return joined


def _text(part: Sequence[Token], note: str) -> str:
    """The text of the tokens in the note, without separators (commas, dashes) at both ends."""
    kept = [token for token in part if token.word not in SEPARATORS] or part
    return note[kept[0].start : kept[-1].end]


def _quoted(part: Sequence[Token], note: str) -> str:
    text = _text(part, note)
    return text if len(text) <= MAX_QUOTE_CHARACTERS else f"{text[: MAX_QUOTE_CHARACTERS - 1]}…"
