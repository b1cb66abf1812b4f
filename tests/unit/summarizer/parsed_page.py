"""Reads a page about figures as its reader does: sentences, numbers, directions.

``check_against_facts`` is the rule of the page: it has no number and no direction that is not in the facts that its
sentence or its row of the table is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
DAY = rf"\d{{1,2}}(?: (?:{MONTHS}))?(?: \d{{4}})?"
DATES = re.compile(
    rf"\d{{4}}-\d\d-\d\d|{DAY} ?– ?\d{{1,2}} (?:{MONTHS}) \d{{4}}|\d{{1,2}} (?:{MONTHS}) \d{{4}}"
    rf"|(?:{MONTHS})–(?:{MONTHS}) \d{{4}}|(?:{MONTHS}) \d{{4}}|Q[1-4] \d{{4}}|(?:for|in|against) \d{{4}}(?:–\d{{4}})?\b"
    rf"|\b\d{{4}}(?= is partial)"
)
NUMBER = re.compile(r"(?<![\w.])(?P<sign>[-+×]?)[$€£¥]?(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<scale>[MBT]?)(?P<percent>%?)")
OTHERS = re.compile(r"(\d+) (?:others|other KPIs)")
COUNTED_SCOPE = re.compile(r"^\d+ (?:departments?|companies|company) only: ")
WORDS_OF_NUMBERS = {"doubled": 2, "tripled": 3}
SCALES = {"": 1, "M": 10**6, "B": 10**9, "T": 10**12}
UP = re.compile(r"\b(rose|up|over|higher|doubled|tripled)\b")
DOWN = re.compile(r"\b(fell|down|under|lower)\b")
CAUSES = re.compile(r"\b(because|due to|caused|driven by|thanks to|owing to|led to|as a result)\b", re.IGNORECASE)
HEADINGS = ("Findings", "Drivers", "What the figures cover", "What to check")
FIXED = ("in the 7 days to", "against the 7 days before", "without two whole years", "Without two whole years")

Fact = Mapping[str, Any]


def prose(content: str) -> str:
    """The page without its title, table and charts."""
    lines = content.splitlines()[1:]
    return "\n".join(line for line in lines if not line.startswith(("|", "!["))).strip()


def words(content: str) -> int:
    return len(prose(content).replace("#", "").replace("- ", " ").split())


def headline(content: str) -> str:
    return content.split("\n\n")[1].removeprefix("**").removesuffix("**")


def section(content: str, heading: str) -> list[str]:
    """The bullets below a heading; empty if it is not there."""
    _, _, rest = content.partition(f"## {heading}\n\n")
    return [line.removeprefix("- ") for line in rest.split("\n\n")[0].splitlines()]


def cells(content: str, kpi: str) -> dict[str, str]:
    """The row of a KPI in the table, by the heads of the columns."""
    rows = [line.strip("| ").split(" | ") for line in content.splitlines() if line.startswith("|")]
    return next(dict(zip(rows[0], row, strict=True)) for row in rows if row[0] == kpi)


def numbers(text: str) -> list[tuple[str, Decimal, int, int]]:
    """The numbers of a text without its dates: as written, their size, decimals and scale."""
    for words_ in FIXED:
        text = text.replace(words_, "")
    text = DATES.sub("", text)
    found = []
    for match in NUMBER.finditer(text):
        digits = match["digits"].replace(",", "")
        found.append((match.group(), Decimal(digits), len(digits.partition(".")[2]), SCALES[match["scale"]]))
    return found + [(word, Decimal(size), 0, 1) for word, size in WORDS_OF_NUMBERS.items() if word in text]


def is_in(size: Decimal, places: int, scale: int, values: Iterable[tuple[Decimal, str]]) -> bool:
    """Whether one of the values, half up, is written as this number. A ratio may be written as per cent."""
    for value, unit in values:
        for shown in (value, value * 100) if unit in ("ratio", "percentage points") else (value,):
            if (abs(shown) / scale).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) == size:
                return True
    return False


def values_of(facts: Iterable[Fact]) -> list[tuple[Decimal, str]]:
    return [(Decimal(one["value"]), one["unit"]) for fact in facts for one in fact["values"].values()]


def without_names(text: str, names: Iterable[str]) -> str:
    """The text without the names of KPIs, departments and companies, which may have digits and words of direction."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name), "", text, flags=re.IGNORECASE)
    return text


def check_against_facts(content: str, sheet: Mapping[str, Any], statements: list[Mapping[str, Any]]) -> None:
    """Every sentence of the page is a statement, and every number and direction of it is in the facts it names."""
    by_id = {fact["id"]: fact for fact in sheet["facts"]}
    assert len({fact["rank"]["position"] for fact in sheet["facts"]}) == len(sheet["facts"])
    names = [kpi["kpi"] for kpi in sheet["kpis"]] + [
        n for f in sheet["facts"] for ns in f["names"].values() for n in ns
    ]
    for line in [
        headline(content),
        *(bullet for heading in HEADINGS for bullet in section(content, heading) if bullet),
    ]:
        if line in ("More is in facts.json.",):
            continue
        own = [one for one in statements if one["text"] == line]
        assert own, f"{line!r} is no statement"
        facts = [by_id[name] for name in own[0]["facts"]]
        text = line = COUNTED_SCOPE.sub("", line)
        if facts and facts[0]["kind"] != "driver":  # "2 others" are names that have no room
            most = max([len(facts), *(len(names) for fact in facts for names in fact["names"].values())])
            assert all(int(others) < most for others in OTHERS.findall(line)), line
            text = OTHERS.sub("", line)
        for clause in text.split("; "):
            told = facts_of(clause, facts)
            check_numbers(without_names(clause, names), told, clause)
            check_directions(without_names(clause, names), told, clause)
        assert not CAUSES.search(line.replace("because no weight", "").replace("because the rows", "")), line
    check_table(content, sheet)


def facts_of(clause: str, facts: list[Fact]) -> list[Fact]:
    """The facts of the KPIs that a clause of a headline names; all facts if it names none."""
    text = clause.casefold()
    own = [fact for fact in facts if fact["kpi"] and fact["kpi"].casefold().replace("_", " ") in text]
    return own or facts


def check_numbers(text: str, facts: list[Fact], line: str) -> None:
    values = values_of(facts)
    for written, size, places, scale in numbers(text):
        assert is_in(size, places, scale, values), f"{written} of {line!r} is in no fact of it: {values}"


def check_directions(text: str, facts: list[Fact], line: str) -> None:
    directions = {fact["direction"] for fact in facts}
    counts = {name for fact in facts if fact["kind"] == "count" for name in fact["values"]}
    for pattern, direction in ((UP, "up"), (DOWN, "down")):
        if pattern.search(text):
            assert direction in directions | counts, f"{line!r} says {direction}, its facts do not"
    for word in ("better", "worse"):
        if re.search(rf"\b{word}\b", text):
            assert word in counts | {fact["verdict"] for fact in facts}, f"{line!r} says {word}, its facts do not"


def check_table(content: str, sheet: Mapping[str, Any]) -> None:
    rows = [line.strip("| ").split(" | ") for line in content.splitlines() if line.startswith("|")][2:]
    for name, *others in rows:
        facts = [fact for fact in sheet["facts"] if fact["kpi"] == name]
        values = values_of(facts)
        for cell in others:
            for written, size, places, scale in numbers(cell):
                assert is_in(size, places, scale, values), f"{written} in the row of {name} is in no fact: {values}"
            signs = [match["sign"] for match in NUMBER.finditer(DATES.sub("", cell)) if match["sign"] in ("+", "-")]
            assert all(is_of_sign(cell, sign, facts) for sign in signs), f"{cell} of {name} has a sign of its own"


def is_of_sign(cell: str, sign: str, facts: list[Fact]) -> bool:
    """Whether a fact has a figure or a difference of this sign."""
    held = [Decimal(one["value"]) for fact in facts for one in fact["values"].values()]
    return any((value > 0) is (sign == "+") for value in held if value)
