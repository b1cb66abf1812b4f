"""Writes the page from the sheet of facts, and from nothing else."""
