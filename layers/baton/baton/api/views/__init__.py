"""Rows of the record → the JSON that callers see: camelCase, moments in UTC, ids as text, nothing private.

The return type of each view is its documentation: OpenAPI shows it, and mypy holds the view to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
