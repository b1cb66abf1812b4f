"""Why a query is not run."""

from __future__ import annotations


class QueryRefused(ValueError):
    """The query is not one that this server runs; the message says which part and what is allowed."""
