"""Reads lists of names in a sentence: "the Sales and Marketing departments"."""

from __future__ import annotations

from supabase_agent.notes.cursor import Cursor
from supabase_agent.notes.instructions import Name, Names
from supabase_agent.notes.lexicon import ARTICLES, NOUNS, RESERVED
from supabase_agent.notes.vocabulary import KPI

MAX_WORDS_OF_UNKNOWN_NAME = 6


def read_names(cursor: Cursor) -> Names | None:
    """The names of a list, known and unknown ones."""
    cursor.skip(ARTICLES)
    before = _noun(cursor)
    cursor.skip(ARTICLES | {":"})
    first = cursor.first_of(_known, _unknown)
    if first is None:
        return None
    names, may_choose = [first], False
    while (following := cursor.first_of(_another) or _behind_slash(names[-1], cursor)) is not None:
        names.append(following[0])
        may_choose = may_choose or following[1]
    cursor.skip(ARTICLES)
    after = _noun(cursor)
    if before and after and before != after:
        return None
    return Names(tuple(names), before or after or "", may_choose)


def read_known_names(cursor: Cursor) -> Names | None:
    """The names of a list if the catalogue has all of them."""
    names = read_names(cursor)
    return names if names and all(name.meanings for name in names.names) else None


def _another(cursor: Cursor) -> tuple[Name, bool] | None:
    """The next name of a list, and whether it follows an "or"."""
    cursor.skip(ARTICLES - {"both", "the"})
    comma = cursor.word(",")
    is_choice = cursor.word("or")
    if not (is_choice or cursor.word("and", "&") or comma):
        return None
    cursor.skip(ARTICLES)
    name = cursor.first_of(_known, _unknown)
    return None if name is None else (name, is_choice)


def _behind_slash(before: Name, cursor: Cursor) -> tuple[Name, bool] | None:
    """The name after the slash of "Platform / Support". None for KPIs: "revenue/expenses" may be a ratio."""
    ahead = Cursor(cursor.tokens, cursor.at)
    name = ahead.first_of(_known) if ahead.word("/") else None
    if name is None or any(all(one.kind == KPI for one in each.meanings) for each in (before, name)):
        return None
    cursor.at = ahead.at
    return name, False


def _noun(cursor: Cursor) -> str | None:
    """A noun such as "department", unless it is a known name itself."""
    token = cursor.token()
    return None if token is None or token.meanings else cursor.take(NOUNS)


def _known(cursor: Cursor) -> Name | None:
    token = cursor.token()
    if token is None or not token.meanings:
        return None
    cursor.advance()
    return Name(token.text, token.meanings)


def _unknown(cursor: Cursor) -> Name | None:
    """Words without a role in the grammar, so they can be a name."""
    words = []
    while (token := cursor.token()) and token.is_word and not token.meanings and not _is_reserved(token.word):
        words.append(token.text)
        cursor.advance()
    is_name = 0 < len(words) <= MAX_WORDS_OF_UNKNOWN_NAME and not words[0].isdecimal()
    return Name(" ".join(words), ()) if is_name else None


def _is_reserved(word: str) -> bool:
    return word in RESERVED or word.endswith("n't")
