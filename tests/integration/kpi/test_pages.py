"""From a file to the page: questions that got a false or an incomplete sentence, each with the right one."""

from __future__ import annotations

from tests.integration.kpi.conftest import PageOfOwn
from tests.unit.summarizer.parsed_page import cells, headline, prose, section

QUARTER = ("2025-01-01", "2025-03-31", "month")
COVERS = "What the figures cover"


def test_an_average_of_averages_is_right_once_its_weight_is_declared(own_page: PageOfOwn) -> None:
    plain = own_page("average-of-averages", ["margin", "revenue"], *QUARTER)
    assert cells(plain, "Margin")["Mar 2025"] == "30%"
    assert "Unweighted, because no weight is declared: Margin." in section(plain, COVERS)
    weighted = own_page(["Acme,,Margin,percent,avg,,,,,,Revenue,,"], ["margin", "revenue"], *QUARTER)
    assert cells(weighted, "Margin")["Mar 2025"] == "10.40%"
    assert "nweighted" not in prose(weighted)
    assert headline(weighted) == "Margin did not change and Revenue did not change from Jan 2025 to Mar 2025."
