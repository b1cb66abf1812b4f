"""What became of the notes of a person who asked for this attempt."""

from __future__ import annotations

from typing import Any

from baton.agents.contract import Review

MESSAGE = (
    "The summarizer computes its page from the context and takes no instructions; change the values of the context "
    "instead, or edit the summary."
)


def answered(review: Review | None) -> dict[str, Any]:
    """``{"review": {"applied", "notApplied"}}`` for the metadata; nothing where there are no notes."""
    if review is None or not review.notes.strip():
        return {}
    return {"review": {"applied": [], "notApplied": [{"note": review.notes, "message": MESSAGE}]}}
