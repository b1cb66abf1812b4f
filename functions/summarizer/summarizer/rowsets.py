"""Finds the sets of rows among the values of an object, and the options beside them.

A ``for_each`` over supabase-agent gives a list of sets, and a list of options where a single call gives one option.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from summarizer.jsontext import unwrapped
from summarizer.labels import Path, dotted, item, same
from summarizer.material import is_blank
from summarizer.rows import BESIDE_FIELDS, CLAIM, REQUEST_FIELDS, ROW_FIELDS, are_rows
from summarizer.scope import SCOPE_FIELDS

ROW_KEYS = frozenset({"rows", "data"})  # an empty list under one of these, beside options, is a set without figures
BESIDE = frozenset(map(same, BESIDE_FIELDS))
LISTS = frozenset(
    {"kpiNames", *SCOPE_FIELDS, *BESIDE_FIELDS} - {"metrics", "breakdown", "partialPeriods", "comparedPeriods"}
)


@dataclass(frozen=True)
class RowSet:
    """One set of rows. ``options`` have the names of ``Request``. ``places`` are the places of the options and of the
    rows (``queryResults``) in the context.
    """

    path: Path
    rows: Any
    options: Mapping[str, Any]
    places: Mapping[str, str]


def row_sets(path: Path, mapping: Mapping[str, Any]) -> dict[str, tuple[RowSet, ...]]:
    """The sets of rows in ``mapping``, by key. A key has several sets if its value is a list of sets."""
    has_options = any(same(key) in REQUEST_FIELDS and same(key) != CLAIM for key in mapping)
    claims = {key: value for key, value in mapping.items() if _claims_rows(key, value, has_options)}
    if rows := {key: value for key, value in claims.items() if same(key) not in BESIDE}:
        claims = rows  # comparisons and drivers look like rows, and are no figures of their own beside some
    beside = options_beside(mapping, claims)
    return {key: tuple(_sets((*path, key), value, mapping, beside)) for key, value in claims.items()}


def options_beside(mapping: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, str]:
    """The options in ``mapping``: the name in ``Request`` and the key of each."""
    return {REQUEST_FIELDS[same(key)]: key for key in mapping if same(key) in REQUEST_FIELDS and key not in claims}


def has_rows(mapping: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """Whether ``mapping`` has a place for rows, also if they are null. What stands beside it is no fact of its own."""
    return any(same(key) not in BESIDE for key in claims) or any(same(key) == CLAIM for key in mapping)


def _claims_rows(key: str, value: Any, has_options: bool) -> bool:
    """Whether ``value`` is rows of figures, or its key says so. An empty list is a set of rows, too."""
    held = unwrapped(value)
    if same(key) == CLAIM:
        return not is_blank(held)
    if isinstance(held, (list, tuple)) and not held:
        return has_options and same(key) in ROW_KEYS
    return are_rows(held) or (_is_list_of_sets(key, held) and any(are_rows(unwrapped(rows)) for rows in held))


def _is_list_of_sets(key: str, held: Any) -> bool:
    """Whether ``held`` is a list of sets of rows, of which some may be empty or null.

    Under a key that names rows, items of any kind count as sets, also unreadable ones, unless one of them is a row.
    """
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
        own = {name: option[index] for name, option in options.items() if _is_one_a_set(name, option, len(held))}
        own_places = {name: f"{places[name]}[{index}]" for name in own}
        own_path = (*path, item(index + 1))
        yield RowSet(own_path, rows, {**options, **own}, {**places, **own_places, "queryResults": place(own_path)})


def _is_one_a_set(name: str, option: Any, sets: int) -> bool:
    """Whether an option is a list with one value for each set, as beside the results of a ``for_each``."""
    if not isinstance(option, (list, tuple)) or len(option) != sets:
        return False
    return name not in LISTS or all(isinstance(value, (list, tuple)) or value is None for value in option)


def place(path: Path) -> str:
    """The place of a value, for a message about it."""
    return f"context.{dotted(path)}"
