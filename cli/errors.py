"""Errors of a command: as text for people, as a problem document (RFC 9457) for programs, and as an exit code."""

from __future__ import annotations

from typing import Any

from baton.definition import DefinitionInvalid
from baton_client import GatewayRefused, Refused, Unreachable
from baton_client.retry_policy import TRANSIENT_STATUSES
from cli.checkout import is_checkout

OVERLOADED = "The deployment is overloaded, or it starts just now: try again in a minute."


class CommandFailed(Exception):
    """The command cannot do its task. ``str(error)`` is a message for the person."""


TITLES: tuple[tuple[type[Exception], str, str], ...] = (
    (Unreachable, "unreachable", "No deployment answers"),
    (CommandFailed, "command-failed", "The command cannot do that"),
    (OSError, "file-unusable", "A file cannot be used"),
)
DEFAULT_TITLE = ("refused", "It was refused")


def start_hint() -> str:
    """How to name a deployment. Only a checkout has a local stack."""
    names = "set BATON_URL and BATON_TOKEN"
    return f"start the local stack with `make up`, or {names}" if is_checkout() else names


def exit_code_of(error: Exception) -> int:
    return 3 if isinstance(error, Unreachable) else 1


def text_of(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, Unreachable) and error.reason is not None:
        return f"Nothing answers at {error.url} ({error.reason}): {start_hint()}."
    if isinstance(error, GatewayRefused) and error.status in TRANSIENT_STATUSES:
        return f"{error}. {OVERLOADED}"
    return str(error)


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem document of the deployment, else one for an error of the command, without an HTTP status."""
    if isinstance(error, Refused):
        return error.problem
    if isinstance(error, DefinitionInvalid):
        return _problem("definition-invalid", "A definition file is not valid", str(error)) | {
            "errors": [
                {"file": p.file, "line": p.line, "column": p.column, "message": p.message, "suggestion": p.suggestion}
                for p in error.problems
            ]
        }
    slug, title = next(((slug, title) for kind, slug, title in TITLES if isinstance(error, kind)), DEFAULT_TITLE)
    return _problem(slug, title, text_of(error))


def _problem(slug: str, title: str, detail: str) -> dict[str, Any]:
    return {"type": f"urn:problem-type:baton:{slug}", "title": title, "detail": detail}
