"""Derives facts: each module makes the facts of one kind from judged series."""
