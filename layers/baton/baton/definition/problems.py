"""Problems of a file, with their places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from baton.errors import MAX_PROBLEMS, BatonError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. ``line`` and ``column`` count from 1; ``suggestion`` is the word that the author probably meant."""

    file: str
    line: int
    column: int
    path: Path
    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        hint = f" (did you mean `{self.suggestion}`?)" if self.suggestion else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{hint}"


class DefinitionInvalid(BatonError):
    """A file has problems. ``problems`` are the first ``MAX_PROBLEMS`` that a check finds, in the order of the file;
    ``str`` has a line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        first = islice(problems, MAX_PROBLEMS)
        self.problems = tuple(sorted(first, key=lambda one: (one.file, one.line, one.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: Path) -> str:
    """``orchestration.steps[0].depends_on``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def raise_first(problems: Iterable[Problem]) -> None:
    """Raise DefinitionInvalid with the first ``MAX_PROBLEMS`` problems, if there are any."""
    first = list(islice(problems, MAX_PROBLEMS))
    if first:
        raise DefinitionInvalid(first)
