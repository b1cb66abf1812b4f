"""Measurements for the engine's budgets: ``make bench``. Nothing here is a test, and nothing is deployed."""
