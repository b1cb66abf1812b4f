"""A file with many problems: the checks stop after twenty."""

from __future__ import annotations

import difflib
from typing import Any

import pytest

from baton.definition import DefinitionInvalid, parse_agent, parse_definition
from baton.errors import MAX_PROBLEMS
from baton.yaml_source import read_yaml

HEAD = """
metadata: {name: many, displayName: Many, version: 1.0.0}
orchestration:
  steps:
    - id: only
      agent: summarizer
"""
AGENT = "metadata: {name: many, displayName: Many}\nagent: {kind: orchestrator}\n"


def read(text: str) -> None:
    document = read_yaml(text, "f.yaml")
    if text.startswith(AGENT):
        parse_agent(document)
    else:
        parse_definition(document)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    words: list[str] = []
    original = difflib.get_close_matches

    def get_close_matches(word: str, *args: Any, **more: Any) -> list[str]:
        words.append(word)
        return original(word, *args, **more)

    monkeypatch.setattr(difflib, "get_close_matches", get_close_matches)
    return words


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "\n".join(f"      agnet{at}: x" for at in range(5_000)),
        HEAD + "      input: {a: " + '"' + "{{ nothing }} " * 5_000 + '"}',
        HEAD + "      depends_on: [" + ", ".join(f"olny{at}" for at in range(5_000)) + "]",
        HEAD + "      output_mapping: {" + ", ".join(f"a{at}: '$['" for at in range(2_000)) + "}",
        AGENT + "\n".join(f"agnet{at}: x" for at in range(5_000)),
        "\n".join("same: x" for _ in range(5_000)),
        "\n".join(f"{at}: [{{[a]: b}}]" for at in range(2_000)),
    ],
    ids=["fields", "references", "dependencies", "paths", "an agent's fields", "keys that come twice", "keys"],
)
def test_the_checks_stop_after_twenty_problems(text: str, compared: list[str]) -> None:
    with pytest.raises(DefinitionInvalid) as raised:
        read(text)
    assert len(raised.value.problems) == MAX_PROBLEMS
    assert len(compared) <= 3 * MAX_PROBLEMS
