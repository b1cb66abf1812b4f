"""The error of the query guard."""

from __future__ import annotations


class QueryRefused(ValueError):
    """This server does not run the query. The message names the part and what is allowed."""
