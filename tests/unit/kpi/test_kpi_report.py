"""The report of an import."""

from __future__ import annotations

from datetime import date

from cli.kpi import ImportReport


def test_many_metrics_are_named_in_short_and_each_once() -> None:
    day = date(2024, 7, 1)
    names = ("sales", "sales", *(f"m{number}" for number in range(11)))
    report = ImportReport("demo", 3, 3, 0, ("Acme",), ("Shop",), names, day, day)

    assert report.metrics_in_short == "sales, m0, m1, m2, m3, m4, m5, m6, m7, m8 and 2 more"
