"""Sorts the context of a task into material for a page.

The walk keeps the order of the context, uses no recursion, and visits a limited number of values. It parses text that
is JSON. It skips ids, SQL, plans and timings inside of results, which are for machines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from summarizer.jsontext import unwrapped
from summarizer.labels import Path, is_item, item, named, same, trail, words
from summarizer.markdown import is_marked
from summarizer.markup import whole_words
from summarizer.material import Fact, Figures, Material, Table, Text, Trouble, is_blank, is_scalar, written
from summarizer.rows import OPTIONAL_FIELDS, are_rows, read_rows
from summarizer.rowsets import BESIDE, RowSet, has_rows, options_beside, place, row_sets
from summarizer.scope import SCOPE_FIELDS

MAX_DEPTH = 40  # levels: five children inside each other need about twenty
MAX_VALUES = 20_000
MAX_ITEMS = 50  # of a list that is no table
MAX_FIGURES = 6  # sets of rows
MAX_WORK = 2_000_000  # steps of computation for all figures together
MAX_FAULT_LENGTH = 400
MAX_FACT_LENGTH = 200  # a longer text is a paragraph
MAX_LISTED = 50  # values of a list in one fact
NO_ITEMS = "none"
FIELD = re.compile(r"context\.(\w+)")

TEXTS = frozenset("summary brief text markdown content report narrative body".split())
TEXTS_OF_A_LIST = TEXTS | frozenset("summaries briefs texts reports narratives".split())
TROUBLES = frozenset("failed aborted error cancelled canceled timedout timeout rejected stopped denied expired".split())
FOR_MACHINES = {"plan": "steps", "timings": "durationSeconds"}  # of a child run, by a key that each of them has
ERRORS = frozenset({"error", "errors", "errordetails"})


def read_context(context: Mapping[str, Any]) -> Material:
    """Sort ``context``. It raises no error, with any content."""
    return _Walk().through(context)


class _Walk:
    def __init__(self) -> None:
        self.material = Material()
        self.waiting: list[tuple[Path, Any]] = []
        self.too_deep = 0
        self.work_left = MAX_WORK

    def through(self, context: Mapping[str, Any]) -> Material:
        self._mapping((), context)
        looked_at = 0
        while self.waiting and looked_at < MAX_VALUES:
            looked_at += 1
            self._value(*self.waiting.pop())
        if self.waiting:
            self._note(f"Only the first {MAX_VALUES:,} values of the context are on this page.")
        if self.too_deep:
            self._note(f"{self.too_deep:,} parts that lie more than {MAX_DEPTH} levels deep are left out.")
        return self.material

    def _value(self, path: Path, value: Any) -> None:
        value = unwrapped(value)
        if _is_scope_of_all(path, value):
            return
        if is_blank(value):
            self._blank(path)
        elif is_scalar(value):
            self._scalar(path, value)
        elif len(path) >= MAX_DEPTH:
            self.too_deep += 1
        elif isinstance(value, Mapping):
            self._mapping(path, value)
        else:
            self._list(path, value)

    def _blank(self, path: Path) -> None:
        if len(path) == 1 or same(path[-1]) not in ERRORS:  # an empty error inside of results is not missing
            self.material.missing.append(path)

    def _scalar(self, path: Path, value: Any) -> None:
        if self._is_for_machines(path):
            return
        if isinstance(value, str):
            key = same(named(path))
            if key.endswith("status") and same(value) in TROUBLES:
                self.material.troubles.append(Trouble(path, value, link=" is "))
            elif key in ERRORS:
                self.material.troubles.append(Trouble(path, value))
            if _reads_as_text(path, value):
                self.material.texts.append(Text(path, value))
                return
        self.material.facts.append(Fact(path, written(value)))

    def _is_for_machines(self, path: Path) -> bool:
        is_for_machines = len(path) > 1 and words(path[-1])[-1].casefold() in {"id", "ids", "sql"}
        self.material.for_machines |= is_for_machines
        return is_for_machines

    def _mapping(self, path: Path, mapping: Mapping[str, Any]) -> None:
        used = self._figures(path, mapping) | self._error(path, mapping)
        rest = [(key, value) for key, value in mapping.items() if key not in used]
        for key, value in reversed(rest):
            if isinstance(value, Mapping) and FOR_MACHINES.get(same(key), "") in value:
                self.material.for_machines = True
            else:
                self.waiting.append(((*path, str(key)), value))

    def _error(self, path: Path, mapping: Mapping[str, Any]) -> set[str]:
        """Read an error's type and message. Return the keys that it has used."""
        message = mapping.get("message")
        if not path or same(path[-1]) not in ERRORS or not isinstance(message, str) or is_blank(message):
            return set()
        kind, step = mapping.get("type"), mapping.get("stepId")
        what = kind if isinstance(kind, str) else ""
        where = f"at step {step}" if isinstance(step, str) else ""
        before = " ".join(filter(None, [what, where]))
        self.material.troubles.append(Trouble(path, f"{before}: {message}" if before else message))
        return {"message", *(["type"] if what else []), *(["stepId"] if where else [])}

    def _list(self, path: Path, items: Sequence[Any]) -> None:
        if not items:
            if not self._is_for_machines(path):
                self.material.facts.append(Fact(path, NO_ITEMS))
        elif not are_rows(items) or self._rows(RowSet(path, items, {}, {"queryResults": place(path)})) is None:
            self._records(path, items)

    def _records(self, path: Path, items: Sequence[Any]) -> None:
        if all(is_scalar(value) for value in items) and not any(_reads_as_text((*path, item(1)), v) for v in items):
            values = ", ".join(written(value) or "–" for value in items[:MAX_LISTED])
            left = f" and {len(items) - MAX_LISTED:,} more" if len(items) > MAX_LISTED else ""
            self.material.facts.append(Fact(path, values + left))
        elif all(isinstance(value, Mapping) for value in items) and all(map(_is_flat, items[:MAX_ITEMS])):
            self.material.tables.append(Table(path, items))
        else:
            for number, value in reversed(list(enumerate(self._first(path, items), 1))):
                self.waiting.append(((*path, item(number)), value))

    def _first(self, path: Path, items: Sequence[Any]) -> Sequence[Any]:
        if len(items) > MAX_ITEMS:
            self._note(f"Of {trail(path)}, the first {MAX_ITEMS} of {len(items):,} items are on this page.")
        return items[:MAX_ITEMS]

    def _figures(self, path: Path, mapping: Mapping[str, Any]) -> set[str]:
        """Read the rows among the values of ``mapping``. Return the keys that it has used."""
        claims = row_sets(path, mapping)
        beside = options_beside(mapping, claims)
        done = set(claims) | ({key for key in mapping if same(key) in BESIDE} if has_rows(mapping, claims) else set())
        for key, sets in claims.items():
            for row_set in self._first((*path, key), sets):
                used = None if row_set.rows is None else self._rows(row_set)
                if used is None:
                    self._unreadable(row_set)
                else:
                    done |= {beside[name] for name in used}
        return done

    def _rows(self, row_set: RowSet) -> set[str] | None:
        """Read one set of rows. Return the names of the options that it has used, or None if the rows are wrong."""
        if len(self.material.figures) >= MAX_FIGURES:
            self._note(
                f"Figures are computed from the first {MAX_FIGURES} sets of rows, not from {trail(row_set.path)}."
            )
            return None
        reading = read_rows(unwrapped(row_set.rows), row_set.options, self.work_left)
        self.work_left -= reading.work
        for fault in reading.faults:
            self._note(_fault_note(fault, row_set.places))
        if reading.request is None or reading.summary is None:
            return None
        if reading.inferred and reading.request.rows:
            grouping = reading.request.grouping.value
            self._note(f"The grouping of {trail(row_set.path)} is inferred from its periods: {grouping}.")
        self.material.figures.append(Figures(row_set.path, reading.request, reading.summary))
        used = {name for name, value in row_set.options.items() if value is not None or name in OPTIONAL_FIELDS}
        return used - reading.faulty

    def _unreadable(self, row_set: RowSet) -> None:
        value = unwrapped(row_set.rows)
        if isinstance(value, (list, tuple)) and value and not is_blank(value):
            self._records(row_set.path, value)
        else:
            self.waiting.append((row_set.path, value))

    def _note(self, sentence: str) -> None:
        if sentence not in self.material.notes:
            self.material.notes.append(sentence)


def _is_scope_of_all(path: Path, value: Any) -> bool:
    """Whether the value is an empty list of companies or departments, which means all and is not on the page."""
    return same(path[-1]) in SCOPE_FIELDS and (is_blank(value) or value in ([], ()))


def _reads_as_text(path: Path, value: Any) -> bool:
    """Whether the value is a block of text and no fact. Its key, its length or (in a list) its Markdown decides."""
    if not isinstance(value, str) or is_blank(value):
        return False
    text, key = value.strip(), named(path)
    if "\n" in text or len(text) > MAX_FACT_LENGTH or (is_item(path[-1]) and is_marked(text)):
        return True
    return not {same(key), words(key)[-1].casefold()}.isdisjoint(TEXTS_OF_A_LIST if is_item(path[-1]) else TEXTS)


def _is_flat(record: Mapping[str, Any]) -> bool:
    """Whether a record fits into the row of a table."""
    return all(_fits_cell(value) for value in record.values())


def _fits_cell(value: Any) -> bool:
    if isinstance(value, str) and len(value) > MAX_FACT_LENGTH:
        return False
    held = unwrapped(value)
    return is_scalar(held) or (isinstance(held, (list, tuple)) and all(map(is_scalar, held)))


def _fault_note(fault: str, places: Mapping[str, str]) -> str:
    """A sentence with the reason why rows are not figures. ``Request`` names a field as if it were at the top of the
    context; the sentence names its real place.
    """
    reason = FIELD.sub(lambda field: places.get(field[1], field[0]), fault)
    return f"Not read as figures: {whole_words(reason, MAX_FAULT_LENGTH)}."
