"""Answers the notes of the reviews of this step."""

from __future__ import annotations

from typing import Any

from baton.agents.contract import Review

MESSAGE = (
    "The summarizer computes its page from the context and takes no instructions; change the values of the context "
    "instead, or edit the summary."
)


def answered(review: Review | None) -> dict[str, Any]:
    """``{"review": {"applied", "notApplied"}}`` for the metadata, the oldest note first; ``{}`` without notes.

    The summarizer applies no note, so every note stays in the report.
    """
    if review is None:
        return {}
    entries = [{"note": one.notes, "message": MESSAGE} for one in (*review.earlier, review) if one.notes.strip()]
    if left_out := review.earlier_left_out:
        entries.insert(0, {"message": _left_out(left_out)})
    return {"review": {"applied": [], "notApplied": entries}} if entries else {}


def _left_out(reviews: int) -> str:
    were = "1 review before these was" if reviews == 1 else f"{reviews:,} reviews before these were"
    return f"{were} not passed on. {MESSAGE}"
