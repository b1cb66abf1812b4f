"""The error of a question that the agent cannot answer."""

from __future__ import annotations


class CannotAnswer(Exception):
    """``str(error)`` is a sentence for people; ``retryable`` says whether the same question may succeed later."""

    def __init__(self, reason: str, retryable: bool = False) -> None:
        super().__init__(reason)
        self.retryable = retryable


class TokenRefused(CannotAnswer):
    """The KPI server does not know the key that the agent's token was signed with, or trusts it no more."""
