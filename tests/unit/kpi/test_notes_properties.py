"""Properties of every note: the report has all its words, and modifications always win."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from supabase_agent.notes.lexicon import PLEASANTRIES
from tests.profile import examples
from tests.unit.kpi.notes import changes, decision_on, earlier, report_of

KNOWN = [
    "only ARR", "ARR only", "without churn", "exclude Sales", "only foo", "by week", "monthly", "not by week",
    "from July to September 2024", "in August", "Q3 2024", "since 2024-08-01", "for EMEA", "only the IT department",
    "without Acme Ltd", "ARR by week", "1) only ARR", "2. by week", "(weekly)", "but weekly", "and blue ones", "?",
    "ignore churn", "KPI: ARR", "only July and August", "1-15 August",
    "please", "thanks", "also", "if it rose", "compare with last year", "don't", "only", "from",
]  # fmt: skip
PARTS = st.one_of(st.sampled_from(KNOWN), st.text(max_size=12))
JOINTS = st.sampled_from([" ", ", ", ". ", " and ", "\n", "; ", "! ", "? ", ": ", " - "])
NOTES = st.lists(st.tuples(PARTS, JOINTS), max_size=8).map(lambda parts: "".join(map("".join, parts)))
KPIS = st.lists(st.sampled_from(["revenue", "expenses", "profit_margin", "arr", "churn"]), min_size=1, unique=True)
NOTES_ON_KPIS = st.tuples(st.sampled_from(["only", "without"]), KPIS)
NUMBERS = {f"{number}" for number in range(100)} | {f"{number:02}" for number in range(10)}
WORD = re.compile(r"\w+")


def words(text: str) -> Counter[str]:
    """Numbers of one or two digits may be list numbers. A sign such as `ª` counts as its letter."""
    pairs = ((word, unicodedata.normalize("NFKC", word).casefold()) for word in WORD.findall(text))
    return Counter(word for word, read in pairs if read not in PLEASANTRIES | NUMBERS)


@settings(max_examples=examples(150))
@given(NOTES)
@example("ª")
def test_every_word_of_a_note_is_reported(note: str) -> None:
    report = report_of(decision_on(note))
    quotes = list(dict.fromkeys(entry["note"] for entry in report["applied"] + report["notApplied"]))
    assert all(quote in note for quote in quotes)
    assert words(note).keys() <= words(" ".join(quotes)).keys()


@settings(max_examples=examples())
@given(NOTES)
def test_a_note_changes_no_modified_field(note: str) -> None:
    decision = decision_on(note, {"modifiedPaths": ["context"]})
    assert report_of(decision)["applied"] == []
    assert changes(decision) == {}


@settings(max_examples=examples())
@given(NOTES)
def test_the_report_of_applied_notes_matches_the_changes(note: str) -> None:
    decision = decision_on(note)
    fields = {entry["field"] for entry in report_of(decision)["applied"]}
    names = {"kpi_names": "kpiNames", "start": "startDate", "end": "endDate"}
    assert {names.get(field, field) for field in changes(decision)} <= fields


@settings(max_examples=examples(200))
@given(KPIS, st.lists(NOTES_ON_KPIS, min_size=1, max_size=5))
def test_every_note_reported_as_applied_holds_for_the_question(
    asked: list[str], notes: list[tuple[str, list[str]]]
) -> None:
    *before, newest = [f"{verb} {' and '.join(kpis)}" for verb, kpis in notes]
    decision = decision_on(newest, earlier(*((note, []) for note in before)), kpiNames=asked)
    applied = [entry["note"] for entry in report_of(decision)["applied"]]
    shown = set(decision.question.kpi_names)
    assert shown
    for (verb, kpis), note in zip(notes, [*before, newest], strict=True):
        if note in applied:
            assert shown.isdisjoint(kpis) if verb == "without" else shown <= set(kpis)
    verb, kpis = notes[-1]
    assert newest in applied or (verb == "without" and (shown.isdisjoint(kpis) or set(asked) <= set(kpis)))
