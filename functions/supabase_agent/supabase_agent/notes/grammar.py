"""The grammar of instructions that the agent understands."""

from __future__ import annotations

from collections.abc import Callable

from supabase_agent.notes import lexicon
from supabase_agent.notes.cursor import Cursor
from supabase_agent.notes.grouping import read_grouping
from supabase_agent.notes.instructions import Dates, GroupBy, Instruction, Names, Negated, Only, Without
from supabase_agent.notes.listing import read_known_names, read_names
from supabase_agent.notes.ranges import read_bare_dates, read_dates
from supabase_agent.notes.vocabulary import KPI

Positive = Only | Without | GroupBy | Dates


def read_instruction(cursor: Cursor) -> Instruction | None:
    """Read the instruction at the cursor and move the cursor past it."""
    return _negated(cursor) if cursor.peek() in lexicon.NOT else _positive(cursor)


def begins_instruction(cursor: Cursor) -> bool:
    """Whether an instruction starts here that has words of its own, such as "only", and not names alone."""
    rules: tuple[Callable[[Cursor], Positive | None], ...] = (_only, _verb_without, read_grouping, read_dates)
    return Cursor(cursor.tokens, cursor.at).first_of(*rules) is not None


def _positive(cursor: Cursor) -> Positive | None:
    rules: tuple[Callable[[Cursor], Positive | None], ...]
    rules = (_only, _without, _labelled, read_grouping, read_dates, _names_only, _place, _bare)
    return cursor.first_of(*rules)


def _negated(cursor: Cursor) -> Instruction | None:
    if not cursor.word(*lexicon.NOT):
        return None
    cursor.skip(lexicon.LEADS)
    if (instruction := _positive(cursor)) is not None:
        return Negated(instruction)
    names = read_known_names(cursor)
    if names is None or (len(names.names) > 1 and not names.may_choose):
        return None  # "not arr and churn" may exclude only the combination
    return _ended(Without(names), cursor)


def _only(cursor: Cursor) -> Only | GroupBy | Dates | None:
    is_filter = cursor.first_of(_filter) is not None
    cursor.first_of(_leave)
    if not (cursor.word(*lexicon.ONLY) or cursor.words("nothing but") or is_filter):
        return None
    cursor.skip(lexicon.SHOWING)
    rules: tuple[Callable[[Cursor], GroupBy | Dates | None], ...] = (read_grouping, read_dates, read_bare_dates)
    if (instruction := cursor.first_of(*rules)) is not None:
        return instruction
    cursor.word(*lexicon.PLACES)
    names = read_names(cursor)
    if names is None or names.may_choose:
        return None
    cursor.skip(lexicon.FIGURES)
    cursor.word(*lexicon.ONLY_AFTER)
    return Only(names)


def _filter(cursor: Cursor) -> bool | None:
    """ "Filter it to", which narrows with or without "only"."""
    if not cursor.word(*lexicon.FILTER):
        return None
    cursor.skip(lexicon.FILTERED)
    return cursor.word("to", "for", "on", "by", ":") or None


def _leave(cursor: Cursor) -> bool | None:
    return True if cursor.word("leave") and cursor.peek() in lexicon.ONLY else None


def _labelled(cursor: Cursor) -> Only | None:
    """ "KPI: ARR", "departments: EMEA and APAC"."""
    label = [token.word for token in cursor.tokens[cursor.at : cursor.at + 2]]
    names = read_names(cursor) if label[:1] and label[0] in lexicon.NOUNS and label[1:] == [":"] else None
    if names is None or names.may_choose:
        return None
    cursor.skip(lexicon.FIGURES)
    cursor.word(*lexicon.ONLY_AFTER)
    return Only(names)


def _without(cursor: Cursor) -> Without | None:
    return cursor.first_of(_verb_without, _names_out, _all_except)


def _verb_without(cursor: Cursor) -> Without | None:
    if cursor.word(*lexicon.IGNORE):
        names = read_known_names(cursor)
    elif cursor.word(*lexicon.WITHOUT) or cursor.words("leave out", "take out", "filter out"):
        names = read_names(cursor)
    else:
        return None
    return _ended(Without(names), cursor) if names else None


def _names_out(cursor: Cursor) -> Without | None:
    names = read_names(cursor) if cursor.word(*lexicon.OUT) else None
    return _ended(Without(names), cursor) if names and cursor.word("out") else None


def _all_except(cursor: Cursor) -> Without | None:
    """ "Everything but churn", "except churn". Not "by week except churn", an exception to the grouping, and not "but
    churn", which may be one.
    """
    if cursor.word("all", "everything"):
        cursor.skip(lexicon.NOUNS.keys() | {"the"})
    elif cursor.at > 0 or cursor.peek() == "but":
        return None
    if not (cursor.word(*lexicon.EXCEPT) or cursor.words("apart from")):
        return None
    cursor.word("for")
    names = read_names(cursor)
    return _ended(Without(names), cursor) if names else None


def _names_only(cursor: Cursor) -> Only | None:
    cursor.word(*lexicon.PLACES)
    names = read_names(cursor)
    cursor.skip(lexicon.FIGURES)
    if names is None or names.may_choose or not cursor.word(*lexicon.ONLY_AFTER):
        return None
    return Only(names)


def _place(cursor: Cursor) -> Only | None:
    """ "For EMEA". An unknown name must be the whole sentence; otherwise "only arr for large customers" would match."""
    is_first = cursor.at == 0
    names = read_names(cursor) if cursor.word(*lexicon.PLACES) else None
    if names is None or names.may_choose or _has_kpi(names):
        return None
    cursor.skip(lexicon.FIGURES)
    is_known = all(name.meanings for name in names.names)
    return Only(names) if is_known or (is_first and cursor.ended) else None


def _bare(cursor: Cursor) -> Only | None:
    """Names without another word: "EMEA" as a whole sentence, or "arr by week" and "arr for EMEA", which continue.

    The name of a KPI alone is no instruction: the note may ask for it in addition, as in "arr, without churn".
    """
    before = cursor.tokens[: cursor.at]
    begins = all(token.word in lexicon.LEADS - lexicon.ADDING for token in before)
    names = read_names(cursor) if begins else None
    if names is None or names.may_choose:
        return None
    cursor.skip(lexicon.FIGURES)
    is_known = all(name.meanings for name in names.names)
    if all(token.word in lexicon.ENDINGS - lexicon.ADDING for token in cursor.tokens[cursor.at :]):
        return Only(names) if not _has_kpi(names) and (is_known or _look_like_names(names)) else None
    return Only(names, is_implied=True) if is_known and _goes_on(cursor, _has_kpi(names)) else None


def _goes_on(cursor: Cursor, has_kpi: bool) -> bool:
    ahead = Cursor(cursor.tokens, cursor.at)
    is_apart = ahead.word(*lexicon.BREAKS)
    rules: tuple[Callable[[Cursor], Positive | None], ...] = (read_grouping, read_dates, _place)
    if is_apart and not has_kpi:
        rules = (*rules, _only, _verb_without)
    return ahead.first_of(*rules) is not None


def _look_like_names(names: Names) -> bool:
    """Whether unknown words look like names ("Platform", not "looks wrong"), so that they are reported as unknown."""
    unknown = [name.text for name in names.names if not name.meanings]
    return all(" " not in text or all(word[0].isupper() for word in text.split()) for text in unknown)


def _has_kpi(names: Names) -> bool:
    meanings = [name.meanings for name in names.names if name.meanings]
    return names.kind == KPI or any(all(one.kind == KPI for one in known) for known in meanings)


def _ended(instruction: Without, cursor: Cursor) -> Without | None:
    """The instruction, or None if "only" follows: then the sentence may ask for these names."""
    cursor.skip(lexicon.FIGURES)
    return None if cursor.peek() in lexicon.ONLY_AFTER else instruction
