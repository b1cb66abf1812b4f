"""The currencies: three parts of the deployment know them, and none of them imports another."""

from __future__ import annotations

import re
from pathlib import Path

from summarizer.units import CODES
from supabase_agent.currencies import CURRENCIES

MIGRATION = Path(__file__).resolve().parents[3] / "supabase" / "migrations" / "20261123090100_company.sql"


def test_the_database_the_agent_and_the_summarizer_know_the_same_currencies() -> None:
    found = re.search(r"upper\(unit\) = any \(array\[(.*?)\]", MIGRATION.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert set(re.findall("[A-Z]{3}", found[1])) == CURRENCIES == CODES
