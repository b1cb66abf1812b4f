"""What an agent's answer may say of its deliverables."""

from __future__ import annotations

from typing import Any

import pytest

from baton.agents.call import MAX_DELIVERABLES, AgentDirectory
from baton.agents.contract import Deliverable, success
from baton.errors import AgentCallFailed
from baton.model import TransportType

PAGE = {"type": "summary", "format": "markdown", "title": "Page", "content": "![a](a.svg)"}
CHART = {"type": "chart", "format": "svg", "title": "A", "name": "a.svg", "content": "<svg/>"}


def called(answer: dict[str, Any]) -> Any:
    directory = AgentDirectory({TransportType.HTTP: lambda transport, task, deadline: answer})
    return directory.call({"type": "http"}, {"agent": "drawer"}, 10.0)


def test_an_answer_of_the_contract_is_taken_as_it_is() -> None:
    page = Deliverable("summary", "markdown", "Page", "![a](a.svg)", name="page.md")
    charts = [Deliverable("chart", "svg", name, "<svg/>", name=name) for name in ("a.svg", "b-1_2.svg")]
    answer = success(page, charts)
    assert called(answer) == answer
    assert [one["name"] for one in answer["payload"]["content"]["deliverables"]] == ["a.svg", "b-1_2.svg"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"deliverables": {}}, f"`payload.content.deliverables` as a list of at most {MAX_DELIVERABLES}"),
        ({"deliverables": [CHART] * (MAX_DELIVERABLES + 1)}, f"a list of at most {MAX_DELIVERABLES}"),
        ({"deliverables": [PAGE]}, r"`payload.content.deliverables\[0\].name`"),
        ({"deliverables": [CHART, "chart"]}, r"`payload.content.deliverables\[1\]` as an object"),
        ({"deliverables": [{**CHART, "title": 1}]}, r"`payload.content.deliverables\[0\].title` as a string"),
        ({"deliverable": {**PAGE, "title": "é" * 501}}, "`payload.content.deliverable.title` with at most 1,000 bytes"),
        ({"deliverables": [{**CHART, "type": "x" * 1001}]}, r"`payload.content.deliverables\[0\].type` .* not 1,001"),
        ({"deliverable": {**PAGE, "format": "x" * 1001}}, "`payload.content.deliverable.format` with at most"),
        ({"deliverables": [CHART, CHART]}, "`a.svg` names two"),
        ({"deliverable": {**PAGE, "name": "a.svg"}, "deliverables": [CHART]}, "`a.svg` names two"),
        ({"deliverable": {**PAGE, "name": "a b"}}, "`payload.content.deliverable.name` as a file name"),
    ],
)
def test_an_answer_that_breaks_the_contract_names_the_field(content: dict[str, Any], words: str) -> None:
    with pytest.raises(AgentCallFailed, match=words) as caught:
        called({"success": True, "payload": {"content": content}})
    assert (caught.value.kind, caught.value.retryable) == ("AnswerInvalid", False)


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".a", "A.svg", "a" * 101, "a.svg\n", 1, None])
def test_a_name_is_a_file_name(name: Any) -> None:
    with pytest.raises(AgentCallFailed, match=r"`payload.content.deliverables\[0\].name` as a file name"):
        called({"success": True, "payload": {"content": {"deliverables": [{**CHART, "name": name}]}}})
