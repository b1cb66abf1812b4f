"""What went wrong, as text for people and, for programs, as a problem document (RFC 9457) like the deployment's own."""

from __future__ import annotations

from typing import Any

from baton.definition import DefinitionInvalid
from cli.deployment import CommandFailed, Refused, Unreachable

TITLES: tuple[tuple[type[Exception], str, str], ...] = (
    (Unreachable, "unreachable", "No deployment answers"),
    (CommandFailed, "command-failed", "The command cannot do that"),
    (OSError, "file-unusable", "A file cannot be used"),
)
OTHERWISE = ("refused", "It was refused")


def text_of(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def problem_of(error: Exception) -> dict[str, Any]:
    """The deployment's own document if it is one. What went wrong here has no HTTP status."""
    if isinstance(error, Refused):
        return error.problem
    if isinstance(error, DefinitionInvalid):
        return _problem("definition-invalid", "A definition file is not valid", str(error)) | {
            "errors": [
                {"file": p.file, "line": p.line, "column": p.column, "message": p.message, "suggestion": p.suggestion}
                for p in error.problems
            ]
        }
    slug, title = next(((slug, title) for kind, slug, title in TITLES if isinstance(error, kind)), OTHERWISE)
    return _problem(slug, title, text_of(error))


def _problem(slug: str, title: str, detail: str) -> dict[str, Any]:
    return {"type": f"urn:problem-type:baton:{slug}", "title": title, "detail": detail}
