"""Sets of rows among the values of an object: which values are rows of figures, and which options stand beside them.

A loop over supabase-agent gives a list of sets, and a list of options where a single call gives one option.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from summarizer.jsontext import unwrapped
from summarizer.labels import Path, dotted, item, same
from summarizer.material import is_blank
from summarizer.rows import CLAIM, REQUEST_FIELDS, ROW_FIELDS, are_rows
from summarizer.scope import SCOPE_FIELDS

ROW_KEYS = frozenset({"rows", "data"})  # an empty list there is no figures, if options of a question stand beside it
LISTS = frozenset({"kpiNames", *SCOPE_FIELDS})


@dataclass(frozen=True)
class RowSet:
    """One set of rows. ``options`` have the names that ``Request`` uses. ``places`` are where the options and the rows
    (``queryResults``) stand in the context."""

    path: Path
    rows: Any
    options: Mapping[str, Any]
    places: Mapping[str, str]


def row_sets(path: Path, mapping: Mapping[str, Any]) -> dict[str, tuple[RowSet, ...]]:
    """The sets of rows that ``mapping`` holds, by their key. More than one where the key holds a list of them."""
    has_options = any(same(key) in REQUEST_FIELDS and same(key) != CLAIM for key in mapping)
    claims = {key: value for key, value in mapping.items() if _claims_rows(key, value, has_options)}
    beside = options_beside(mapping, claims)
    return {key: tuple(_sets((*path, key), value, mapping, beside)) for key, value in claims.items()}


def options_beside(mapping: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, str]:
    """The options among the keys of ``mapping``: their names in ``Request``, and the keys."""
    return {REQUEST_FIELDS[same(key)]: key for key in mapping if same(key) in REQUEST_FIELDS and key not in claims}


def _claims_rows(key: str, value: Any, has_options: bool) -> bool:
    """Whether ``value`` is rows of figures, or should be by its name. A list of no rows is an answer too."""
    held = unwrapped(value)
    if same(key) == CLAIM:
        return not is_blank(held)
    if isinstance(held, (list, tuple)) and not held:
        return has_options and same(key) in ROW_KEYS
    return are_rows(held) or (_is_list_of_sets(key, held) and any(are_rows(unwrapped(rows)) for rows in held))


def _is_list_of_sets(key: str, held: Any) -> bool:
    """Whether ``held`` is a list of lists of rows; some of them may be empty or null. Under a key that names rows,
    any item beside a list is a set too, perhaps one that cannot be read; only rows beside it speak against that."""
    if not isinstance(held, (list, tuple)):
        return False
    items = [unwrapped(rows) for rows in held]
    if not any(isinstance(rows, (list, tuple)) for rows in items):
        return False
    if same(key) == CLAIM or same(key) in ROW_KEYS:
        return not any(isinstance(one, Mapping) and one.keys() >= ROW_FIELDS for one in items)
    return all(are_rows(rows) or rows is None or (isinstance(rows, (list, tuple)) and not rows) for rows in items)


def _sets(path: Path, value: Any, mapping: Mapping[str, Any], beside: Mapping[str, str]) -> Iterator[RowSet]:
    options = {name: mapping[key] for name, key in beside.items()}
    places = {name: place((*path[:-1], key)) for name, key in beside.items()}
    held = unwrapped(value)
    if not _is_list_of_sets(path[-1], held):
        yield RowSet(path, value, options, {**places, "queryResults": place(path)})
        return
    for index, rows in enumerate(held):
        own = {name: given[index] for name, given in options.items() if _is_one_a_set(name, given, len(held))}
        own_places = {name: f"{places[name]}[{index}]" for name in own}
        own_path = (*path, item(index + 1))
        yield RowSet(own_path, rows, {**options, **own}, {**places, **own_places, "queryResults": place(own_path)})


def _is_one_a_set(name: str, given: Any, sets: int) -> bool:
    """Whether an option is a list with one value for each set, as beside the results of a loop."""
    if not isinstance(given, (list, tuple)) or len(given) != sets:
        return False
    return name not in LISTS or all(isinstance(value, (list, tuple)) or value is None for value in given)


def place(path: Path) -> str:
    """Where a value stands, for a message about it."""
    return f"context.{dotted(path)}"
