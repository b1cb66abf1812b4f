"""A small, safe expression language for rules such as ``start_date <= end_date``.

Comparisons (``== != < <= > >=``), membership (``in``, ``not in``), ``and``, ``or``, ``not``, parentheses, names
(dotted, hyphens allowed), and literals: numbers, quoted strings, ``true``, ``false``, ``null``, lists. Nothing is
executed: ``reading`` turns the text into the nodes of ``tree``, and ``evaluation`` walks those.
"""

from __future__ import annotations

from baton.expressions.evaluation import check, equal, evaluate, names, try_out
from baton.expressions.tree import ExpressionInvalid

__all__ = ["ExpressionInvalid", "check", "equal", "evaluate", "names", "try_out"]
