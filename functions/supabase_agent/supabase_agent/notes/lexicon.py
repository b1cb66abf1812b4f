"""The words that the grammar knows, by their role in a sentence."""

from __future__ import annotations

from supabase_agent.notes.spans import MONTHS, PARTS_OF_YEAR
from supabase_agent.notes.vocabulary import COMPANY, DEPARTMENT, KPI

QUOTES = frozenset("\"'“”„«»`")
FRIENDLY_SIGNS = frozenset("🙏 👍 🙂 😀 😊 😃 😄 😉 🎉 🚀 📈 📊 💪 ✅ 👌 🤝 ❤ ❤️".split())
PLEASANTRIES = frozenset(
    "please kindly thanks thank you very much a lot many hi hello hey ok okay cheers and the".split()
)
CONNECTIVES = frozenset(", : - – — ( ) and &".split())
BREAKS = CONNECTIVES - {":", ")", "and", "&"}
SEPARATORS = CONNECTIVES | frozenset("then also".split())
SILENT = QUOTES | FRIENDLY_SIGNS | frozenset(", : - – — ( )".split())

# Words without effect before an instruction: "Could you please show me the data …".
LEADS = (
    PLEASANTRIES
    | SEPARATORS
    | QUOTES
    | FRIENDLY_SIGNS
    | frozenset(
        "can could would will let's go i we us me i'd we'd like want need do to see have get show give fetch return "
        "display use include keep make it them data numbers figures results values report with both a an again now "
        "so".split()
    )
)
# Words that ask for an addition: "also EMEA", "include EMEA".
ADDING = frozenset("also include keep too".split())
# Words that may follow the last instruction. "Will only arr do" is no instruction.
ENDINGS = PLEASANTRIES | SEPARATORS | QUOTES | FRIENDLY_SIGNS | {"now", "again"}
# "I see only arr" and "the results don't show churn" describe the data and ask for nothing.
SUBJECTS = frozenset("i we you it they data numbers figures results values report".split())
MODALS = frozenset("can could would will".split())
ADVERBS = frozenset("only just also now do don't dont not never still".split())
STATEMENTS = frozenset("see have get show give fetch return display use include keep make ignore hide".split())

ARTICLES = QUOTES | frozenset("the our its their both".split())
FIGURES = QUOTES | frozenset("data numbers figures values results please".split())
SHOWING = QUOTES | frozenset(
    "show see include keep use fetch get give display return want need me us the a data numbers figures :".split()
)
PLACES = ("for", "in", "of", "from", "at")

ONLY = ("only", "just", "solely", "exclusively")
ONLY_AFTER = ("only", "alone", "exclusively", "solely")
FILTER = ("filter", "narrow", "limit", "restrict", "reduce", "cut")
FILTERED = QUOTES | frozenset("it this them everything down the data numbers figures results report query".split())
WITHOUT = ("without", "w/o", "w/out", "hide", "exclude", "excluding", "omit", "omitting", "drop", "remove", "skip")
IGNORE = ("ignore", "disregard")  # before known names; "ignore that" takes an instruction back
OUT = ("leave", "take", "filter")
EXCEPT = ("except", "excepting", "but", "excluding", "without")
NOT = ("not", "don't", "dont", "never")

NOUNS = {
    **dict.fromkeys(("kpi", "kpis", "metric", "metrics"), KPI),
    **dict.fromkeys(("department", "departments", "dept"), DEPARTMENT),
    **dict.fromkeys(("company", "companies"), COMPANY),
}
UNITS = {
    **{f"{unit}{plural}": unit for unit in ("hour", "day", "week", "month", "quarter", "year") for plural in ("", "s")},
}
UNIT_ADVERBS = {
    "hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year",
    "annually": "year",
}  # fmt: skip

# A part of a note that starts with one of these is another kind of request. It does not change the other parts.
ASIDES = frozenset(
    "compare explain sort order plot chart draw graph highlight round convert translate send email mail tell write "
    "summarize summarise describe mention calculate compute forecast predict rank export format color colour attach "
    "check verify notify ask call because".split()
)
# If a part was not understood, one of these words in it may change or take back other parts.
CONDITIONS = frozenset(
    "if unless except but when whenever while until otherwise else instead rather not no nope never nevermind dont "
    "cannot nor neither none nothing ignore forget scratch cancel undo revert disregard stop kidding joke joking wrong "
    "mistake actually wait maybe perhaps possibly might unsure though although however yet provided assuming suppose "
    "depending whether case only too others other rest everything sorry oops meant mean thought correction reverse "
    "reconsider typo strike exception exceptions once pending subject providing given hold tbd"
    # Reviewers write English, but a second sentence in their own language may be an exception to the first.
    "wenn nicht kein keine aber außer nein pas sauf mais pero".split()
)
# A part after a comma that begins with one of these is a request of its own, if it has no known name.
COORDINATING = frozenset("and also plus".split())
THANKS = frozenset("thanks thank".split())
BACK_REFERENCES = frozenset(
    "that that's this those these above previous previously former latter sentence instruction note opposite contrary "
    "either".split()
)

RESERVED = (
    LEADS
    | ASIDES
    | CONDITIONS
    | BACK_REFERENCES
    | NOUNS.keys()
    | UNITS.keys()
    | MONTHS.keys()
    | PARTS_OF_YEAR.keys()
    | UNIT_ADVERBS.keys()
    | frozenset((*PLACES, *ONLY, *ONLY_AFTER, *FILTER, *WITHOUT, *IGNORE, *OUT, *EXCEPT, *NOT))
    | frozenset(
        "all by per each every between since starting till through ending during on within or out group".split()
    )
)
