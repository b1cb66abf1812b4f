"""The context of a task, sorted into material for a page.

The walk keeps the order of the context, uses no recursion, and looks at a bounded number of values. Text that is JSON
is read as what it holds. Ids, SQL, plans and timings inside of results are for machines and are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baton import exact_json
from summarizer.labels import Path, headed, same, trail, words
from summarizer.markup import whole_words
from summarizer.material import Fact, Figures, Material, Table, Text, Trouble, is_blank, is_scalar, written
from summarizer.rows import CLAIM, REQUEST_FIELDS, are_rows, read_rows

MAX_DEPTH = 40  # levels: five children inside each other need about twenty
MAX_VALUES = 20_000
MAX_ITEMS = 50  # of a list that is no table
MAX_FIGURES = 6  # sets of rows
MAX_WORK = 2_000_000  # steps of computing with figures, together
MAX_FAULT_LENGTH = 400
MAX_FACT_LENGTH = 200  # a longer text is a paragraph
MAX_LISTED = 50  # values of a list in one fact

TEXTS = frozenset("summary brief text markdown content report narrative body".split())
TROUBLES = frozenset("failed aborted error cancelled canceled timedout timeout rejected stopped denied expired".split())
FOR_MACHINES = {"plan": "steps", "timings": "durationSeconds"}  # of a child run, by a key that each of them has
ERRORS = frozenset({"error", "errors", "errordetails"})


def read_context(context: Mapping[str, Any]) -> Material:
    """Sort ``context``; nothing in it makes this fail."""
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
        value = _unwrapped(value)
        if is_blank(value):
            if len(path) == 1 or same(path[-1]) not in ERRORS:  # inside of results, no error is good news
                self.material.missing.append(path)
        elif is_scalar(value):
            self._scalar(path, value)
        elif len(path) >= MAX_DEPTH:
            self.too_deep += 1
        elif isinstance(value, Mapping):
            self._mapping(path, value)
        else:
            self._list(path, value)

    def _scalar(self, path: Path, value: Any) -> None:
        key = same(path[-1])
        if len(path) > 1 and words(path[-1])[-1].casefold() in {"id", "ids", "sql"}:
            self.material.for_machines = True
            return
        if isinstance(value, str):
            if key.endswith("status") and same(value) in TROUBLES:
                self.material.troubles.append(Trouble(path, value, link=" is "))
            elif key in ERRORS:
                self.material.troubles.append(Trouble(path, value))
            text = value.strip()
            if key in TEXTS or words(path[-1])[-1].casefold() in TEXTS or "\n" in text or len(text) > MAX_FACT_LENGTH:
                self.material.texts.append(Text(path, value))
                return
        self.material.facts.append(Fact(path, written(value)))

    def _mapping(self, path: Path, mapping: Mapping[str, Any]) -> None:
        used = self._figures(path, mapping) | self._error(path, mapping)
        rest = [(key, value) for key, value in mapping.items() if key not in used]
        for key, value in reversed(rest):
            if isinstance(value, Mapping) and FOR_MACHINES.get(same(key), "") in value:
                self.material.for_machines = True
            else:
                self.waiting.append(((*path, str(key)), value))

    def _error(self, path: Path, mapping: Mapping[str, Any]) -> set[str]:
        """Read an error's type and message; the keys that this deals with."""
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
        if not are_rows(items) or self._rows(path, items, {}) is None:
            self._records(path, items)

    def _records(self, path: Path, items: Sequence[Any]) -> None:
        if all(is_scalar(item) for item in items):
            said = ", ".join(written(item) or "–" for item in items[:MAX_LISTED])
            left = f" and {len(items) - MAX_LISTED:,} more" if len(items) > MAX_LISTED else ""
            self.material.facts.append(Fact(path, said + left))
        elif all(isinstance(item, Mapping) for item in items) and all(map(_is_flat, items[:MAX_ITEMS])):
            self.material.tables.append(Table(path, items))
        else:
            if len(items) > MAX_ITEMS:
                self._note(f"Of {trail(path)}, the first {MAX_ITEMS} of {len(items):,} items are on this page.")
            for number, item in reversed(list(enumerate(items[:MAX_ITEMS], 1))):
                self.waiting.append(((*path, f"item {number}"), item))

    def _figures(self, path: Path, mapping: Mapping[str, Any]) -> set[str]:
        """Read the rows among the values of ``mapping``; the keys that this deals with."""
        claims = {key: value for key, value in mapping.items() if _claims_rows(key, value)}
        beside = {
            REQUEST_FIELDS[same(key)]: key for key in mapping if same(key) in REQUEST_FIELDS and key not in claims
        }
        options = {name: mapping[key] for name, key in beside.items()}
        done = set(claims)
        for key, value in claims.items():
            used = self._rows((*path, key), value, options)
            if used is None:
                self._unreadable((*path, key), value)
            else:
                done |= {beside[name] for name in used}
        return done

    def _rows(self, path: Path, value: Any, options: Mapping[str, Any]) -> set[str] | None:
        """Read one set of rows; the names of the options that were used, or None if the rows cannot be read."""
        if len(self.material.figures) >= MAX_FIGURES:
            self._note(f"Figures are computed from the first {MAX_FIGURES} sets of rows, not from {trail(path)}.")
            return None
        reading = read_rows(value, options, self.work_left)
        self.work_left -= reading.work
        for fault in reading.faults:
            self._note(_fault_note(path, fault))
        if reading.request is None or reading.summary is None:
            return None
        if reading.inferred and reading.request.rows:
            grouping = reading.request.grouping.value
            self._note(f"The grouping of {trail(path)} is inferred from its periods: {grouping}.")
        self.material.figures.append(Figures(path, reading.request, reading.summary))
        return {name for name, given in options.items() if given is not None and name not in reading.faulty}

    def _unreadable(self, path: Path, value: Any) -> None:
        value = _unwrapped(value)
        if isinstance(value, (list, tuple)) and not is_blank(value):
            self._records(path, value)
        else:
            self.waiting.append((path, value))

    def _note(self, sentence: str) -> None:
        if sentence not in self.material.notes:
            self.material.notes.append(sentence)


def _claims_rows(key: str, value: Any) -> bool:
    """Whether ``value`` is rows of figures, or should be by its name. A list of no rows is an answer too."""
    if same(key) == CLAIM:
        return isinstance(value, (list, tuple)) or not is_blank(value)
    return are_rows(_unwrapped(value))


def _unwrapped(value: Any) -> Any:
    """What a text holds that is the JSON of an object or of a list with objects; any other value itself."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "[") or "{" not in value or ":" not in value:
        return value
    try:
        held = exact_json.loads(value)
    except (ValueError, RecursionError):
        return value
    return value if is_blank(held) else held


def _is_flat(record: Mapping[str, Any]) -> bool:
    """Whether a record fits into the row of a table."""
    return all(_fits_cell(value) for value in record.values())


def _fits_cell(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_FACT_LENGTH and _unwrapped(value) is value
    return is_scalar(value) or (isinstance(value, (list, tuple)) and all(map(is_scalar, value)))


def _fault_note(path: Path, fault: str) -> str:
    """Why something could not be read as figures. ``Request`` speaks of ``context``, whatever the rows lie in."""
    where = "" if len(path) == 1 else f"{headed(trail(path))}: "
    said = fault if len(path) == 1 else fault.replace("context.", "")
    return f"Not read as figures: {where}{whole_words(said, MAX_FAULT_LENGTH)}."
